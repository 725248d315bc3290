"""An engine that cannot run the stack is refused by name; one that can is not."""

from typing import Any

import pytest

from tame_components.ops.support import unsupported
from tests.harness import stacks


GOOD: dict[str, Any] = {
    "OSType": "linux",
    "Architecture": "x86_64",
    "ServerVersion": "20.10.24+dfsg1",
    "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default"],
    "InitBinary": "docker-init",
}


def _said(api: str = "1.41", services: dict[str, Any] | None = None, **changes: Any) -> str:
    topology = stacks.topology(services=services) if services else stacks.topology()
    return "\n".join(unsupported(topology, {**GOOD, **changes}, api))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Architecture": "aarch64"},
        {"ServerVersion": "28.3.1", "CgroupVersion": "2"},
        {"CgroupVersion": "1", "SecurityOptions": []},
        {"OperatingSystem": "Docker Desktop"},
    ],
)
def test_what_works_is_let_through(changes: dict[str, Any]) -> None:
    """Both versions of cgroups, Docker Desktop and 64-bit ARM are no reason to refuse."""
    assert _said(**changes) == ""


@pytest.mark.parametrize(
    ("api", "changes", "why"),
    [
        ("1.39", {}, "19.03"),
        ("1.41", {"OSType": "windows"}, "`windows`"),
        ("1.41", {"InitBinary": "podman-init"}, "Podman"),
        ("1.41", {"SecurityOptions": ["name=rootless"]}, "`gluetun`"),
        ("1.41", {"Architecture": "riscv64"}, "`riscv64`"),
        ("1.41", {"Architecture": "armv7l"}, "no image for `"),
    ],
)
def test_what_cannot_work_is_refused_by_name(api: str, changes: dict[str, Any], why: str) -> None:
    """The reason names the machine's property, or the service that it stops."""
    assert why in _said(api, **changes)


def test_a_rootless_engine_runs_a_stack_without_a_tunnel() -> None:
    """Only what needs the host's privileges is refused there."""
    rootless: dict[str, Any] = {"SecurityOptions": ["name=rootless"]}
    low = {"overseerr": {"publish": 80}}

    assert _said(services={"radarr": {}, "overseerr": {}}, **rootless) == ""
    assert "below 1024" in _said(services=low, **rootless)
