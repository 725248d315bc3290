"""What a media server tells players of where it is."""

from typing import Any

import pytest

from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.rendering import container_of
from tests.harness import stacks


LAN: dict[str, Any] = {"exposure": {"user_address": "192.168.1.10"}}
NAMES: dict[str, Any] = {
    "remote_access": {"domain": "example.org", "hosts": {"plex": "tv.example.org"}}
}
PROXY: dict[str, Any] = {"traefik": {"publish": 0}}


def told(name: str, variable: str, **changes: Any) -> str | None:
    """The variable of the service *name* in a stack of both players."""
    services = {"plex": {}, "jellyfin": {}, **changes.pop("services", {})}
    topology = stacks.topology(services=services, **changes)
    return container_of(topology, topology.service(name)).environment.get(variable)


def plex(**changes: Any) -> str | None:
    """Plex's addresses."""
    return told("plex", "ADVERTISE_IP", **changes)


def jellyfin(**changes: Any) -> str | None:
    """Jellyfin's address."""
    return told("jellyfin", "JELLYFIN_PublishedServerUrl", **changes)


def test_loopback_is_told_to_nobody() -> None:
    """A player elsewhere would ask itself."""
    assert plex() is None
    assert jellyfin() is None


def test_a_published_address_is_told_with_its_port() -> None:
    """The host's address and the host's port, not the container's; IPv6 in brackets."""
    services = {"plex": {"publish": 32401}}

    assert plex(services=services, **LAN) == "http://192.168.1.10:32401"
    assert jellyfin(**LAN) == "http://192.168.1.10:8096"
    assert plex(exposure={"user_address": "fd00::10"}) == "http://[fd00::10]:32400"


def test_a_public_name_is_told_where_something_answers_to_it() -> None:
    """Plex hears of all, Jellyfin of the one that works everywhere; without a way in, of none."""
    changes = {**LAN, **NAMES}

    assert plex(services=PROXY, **changes) == "https://tv.example.org:443,http://192.168.1.10:32400"
    assert jellyfin(services=PROXY, **changes) == "https://jellyfin.example.org:443"
    assert plex(**changes) == "http://192.168.1.10:32400"


def test_on_the_hosts_network_plex_knows_its_addresses_itself() -> None:
    """Only the name is news to it."""
    services = {**PROXY, "plex": {"host_network": True}}

    assert plex(services=services, **LAN) is None
    assert plex(services=services, **LAN, **NAMES) == "https://tv.example.org:443"


def test_the_setting_wins_and_may_be_empty() -> None:
    """`advertise: []` is a wish for none, which the seed is told; no setting is no wish."""
    chosen = {"plex": {"advertise": ["https://far.example.org:443"]}}
    none: dict[str, Any] = {"plex": {"advertise": []}, "jellyfin": {"advertise": []}}

    assert plex(services=chosen, **LAN) == "https://far.example.org:443"
    assert told("plex", "TAME_ADVERTISED_BY", services=chosen, **LAN) == "settings"
    assert plex(services=none, **LAN) == ""
    assert jellyfin(services=none, **LAN) == ""
    assert told("plex", "TAME_ADVERTISED_BY", **LAN) == "topology"
    assert told("jellyfin", "TAME_ADVERTISED_BY", **LAN) is None


def test_addresses_are_no_part_of_the_release() -> None:
    """A sandbox proves a release for prod, whose addresses are others."""
    changed = {"plex": {"advertise": ["https://far.example.org:443"]}, "jellyfin": {}}
    plain = stacks.topology(services={"plex": {}, "jellyfin": {}})

    assert stacks.topology(services=changed, **LAN).release == plain.release


@pytest.mark.parametrize(
    ("service", "urls", "why"),
    [
        ("radarr", ["https://a.example.org"], "does not tell players"),
        ("jellyfin", ["https://a.example.org", "https://b.example.org"], "tells no more"),
        ("plex", ['https://a.example.org" x="'], "string should match"),
        ("plex", ["https://a.example.org,https://b"], "string should match"),
        ("plex", ["a.example.org"], "string should match"),
    ],
)
def test_what_cannot_be_told_is_refused(service: str, urls: list[str], why: str) -> None:
    """By an application that tells nobody, too many, or no URL: named before anything is made."""
    with pytest.raises(SettingsInvalid) as raised:
        stacks.topology(services={service: {"advertise": urls}})

    assert f"services.{service}.advertise" in str(raised.value)
    assert why in str(raised.value)
