"""What a person types into a proxy that keeps its hosts itself."""

from typing import Any

from tame_components.generated.proxy_hosts import by_hand
from testbed import everything
from tests.harness import stacks


def lines(*services: str, **access: Any) -> list[dict[str, str]]:
    """Of a stack of *services*, Plex and Radarr."""
    return by_hand(
        stacks.topology(
            services={
                name: everything.APART.get(name, {}) for name in ("plex", "radarr", *services)
            },
            remote_access={"domain": "example.org", **access},
        )
    )


def test_nginx_proxy_manager_is_told_by_a_person() -> None:
    """Each public name, and the address that the proxy finds it at."""
    assert lines("nginx-proxy-manager") == [
        {
            "proxy": "nginx-proxy-manager",
            "hostname": "plex.example.org",
            "forward": "http://plex:32400",
        }
    ]


def test_a_guarded_name_says_which_login_comes_first() -> None:
    """Without it an operator's page would be open to the world."""
    found = lines(
        "nginx-proxy-manager",
        "authelia",
        hosts=everything.REMOTE_ACCESS["hosts"],
        sign_on="authelia",
    )
    by_name = {one["hostname"]: one for one in found}

    assert by_name["radarr.example.org"]["login"] == "http://authelia:9091"
    assert "login" not in by_name["plex.example.org"]


def test_a_proxy_that_reads_files_needs_nobody() -> None:
    """Traefik's routes are written; without names there is nothing to type either."""
    assert lines("traefik") == []
    assert by_hand(stacks.only("nginx-proxy-manager", vpn=None)) == []
