"""What is wrong with the host is found before anything changes."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker.types import IPAMConfig, IPAMPool

from testbed.images import build
from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal
from tests.harness.vacant import absent_tag, free_port, free_subnet


def _refused(stack: Rehearsal, code: str, *needles: str) -> str:
    """`up` fails with *code* and words, and leaves nothing on the engine."""
    before = {one.id for one in stack.containers()}
    outcome = stack.up()

    assert outcome.code != 0, outcome.text
    assert f"[{code}]" in outcome.text
    assert "hint: " in outcome.text
    assert "Traceback" not in outcome.text
    for needle in needles:
        assert needle in outcome.text
    assert {one.id for one in stack.containers()} == before
    assert stack.networks() == []
    return outcome.text


def test_everything_in_the_way_is_named_at_once(make: Make, engine: str) -> None:
    """A name, a port of a container, a port of a program, a subnet and an image: one answer."""
    published, held, subnet, tag = free_port(), free_port(), free_subnet(), absent_tag()
    stack = make(
        services={
            "jellyfin": {"publish": published},
            "plex": {"publish": held},
            "radarr": {"image": f"lscr.io/x/radarr:{tag}"},
        },
        network={"subnet": str(subnet)},
    )
    client = stack.client
    pool = IPAMPool(subnet=str(next(subnet.subnets())))
    (image,) = build(engine, ["flaresolverr"])
    with contextlib.ExitStack() as made:
        other = client.networks.create(
            f"{stack.stack}-other",
            ipam=IPAMConfig(pool_configs=[pool]),
            labels={"tame.test": stack.stack},
        )
        made.callback(other.remove)
        squatter = client.containers.create(
            image,
            name=f"{stack.stack}-jellyfin",
            network=other.name,
            ports={"8191/tcp": ("127.0.0.1", published)},
            labels={"tame.test": stack.stack},
        )
        made.callback(squatter.remove, force=True)
        squatter.start()
        program = made.enter_context(socket.socket())
        program.bind(("127.0.0.1", held))
        program.listen()
        _refused(
            stack,
            "TAME502",
            f"name: a container that is not the stack's is called `{stack.stack}-jellyfin`",
            f"port: `{published}` is published by",
            f"port: `127.0.0.1:{held}` is in use",
            f"subnet: `{subnet}` overlaps",
            f"image: `tame.invalid/radarr:{tag}` is not here",
        )
        squatter.reload()
        assert squatter.status == "running"


def test_an_unmounted_disk_is_no_empty_library(make: Make) -> None:
    """Without its marker the data root is not touched, before the first `up` and after it."""
    stack = make("radarr")
    marker = Path(stack.settings["data"]["root"]) / ".tame-data-root"
    marker.unlink()
    _refused(stack, "TAME503", stack.settings["data"]["root"])
    assert list(Path(stack.settings["data"]["root"]).iterdir()) == []

    marker.touch()
    assert stack.up().code == 0
    marker.unlink()
    again = stack.up()
    assert again.code != 0
    assert "TAME503" in again.text


def _no_engine(settings: dict[str, Any]) -> None:
    settings["engine"] = "unix:///run/tame-nowhere/docker.sock"


def _foreign_socket_group(settings: dict[str, Any]) -> None:
    settings["identity"] = {"docker_gid": 65000}


def _foreign_address(settings: dict[str, Any]) -> None:
    settings["exposure"] = {"user_address": "192.0.2.77"}


@pytest.mark.parametrize(
    ("spoil", "code", "needle"),
    [
        (_no_engine, "TAME501", "unix:///run/tame-nowhere/docker.sock"),
        (_foreign_socket_group, "TAME502", "docker_gid"),
        (_foreign_address, "TAME502", "this machine has no `192.0.2.77`"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_host_that_does_not_fit_is_refused(
    make: Make, spoil: Callable[[dict[str, Any]], None], code: str, needle: str
) -> None:
    """Each is one answer with a hint, and nothing was made."""
    stack = make("dozzle", "socket-proxy", services={"jellyfin": {"publish": free_port()}})
    changed = dict(stack.settings)
    spoil(changed)
    stack.change(**changed)
    _refused(stack, code, needle)


def test_a_wrong_passphrase_opens_nothing(make: Make) -> None:
    """Pulumi says so itself, and nothing is made."""
    stack = make("radarr")
    stack.env["PULUMI_CONFIG_PASSPHRASE"] = "another"  # noqa: S105 - a wrong one
    outcome = stack.up()

    assert outcome.code != 0
    assert "incorrect passphrase" in outcome.text
    assert stack.containers() == []


def test_a_mistake_in_the_settings_is_words_not_a_trace(make: Make) -> None:
    """The real command line shows every mistake, its key and a code, and no stack trace."""
    stack = make("radarr")
    stack.change(services={"radarr": {"publish": 70000, "pubish": 1}}, timezone="Mars/Olympus")
    text = _refused(stack, "TAME201", "did you mean `publish`?", "70000", "Mars/Olympus")

    assert "3 mistakes" in text
