"""Privileges: what a container may do to the host."""

from typing import Any

import pytest

from tests.rules.stacks import container, judged


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("radarr", {"privileged": True}),
        ("radarr", {"pid_mode": "host"}),
        ("radarr", {"ipc_mode": "host"}),
        ("radarr", {"security_options": ("seccomp=unconfined",)}),
        ("radarr", {"security_options": ("apparmor:unconfined",)}),
        ("radarr", {"capabilities": ("NET_ADMIN",)}),  # not a gateway
        ("gluetun", {"capabilities": ("NET_ADMIN", "SYS_ADMIN")}),
    ],
)
def test_more_rights_than_needed_are_an_offence(name: str, fields: dict[str, Any]) -> None:
    """A hole in the application must not become a hole in the host."""
    assert judged("privileged-container", container(name, **fields)).violations


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("gluetun", {"capabilities": ("NET_ADMIN",)}),
        ("gluetun", {"capabilities": ("CAP_NET_ADMIN",)}),
        ("radarr", {"security_options": ("no-new-privileges:true",)}),
        ("radarr", {"security_options": ("seccomp=/etc/docker/strict.json",)}),
        ("radarr", {"pid_mode": "container:sonarr", "ipc_mode": "private"}),
    ],
)
def test_the_rights_that_a_role_needs_pass(name: str, fields: dict[str, Any]) -> None:
    """The gateway's one capability, and every tightening."""
    assert not judged("privileged-container", container(name, **fields)).violations
