"""A container has the rights that its application needs, and no others."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tame_components.rules.known import TRANSCODERS, image_name, is_any, is_gateway, names_of
from tame_components.rules.model import Finding, Rule, Scope
from tame_components.rules.mounts import path, place_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_CONFINEMENTS = frozenset({"seccomp", "apparmor", "systempaths", "label"})
_LOOSE = frozenset({"unconfined", "disable"})
_TUNNELS = frozenset({"tailscale", "wg-easy", "wireguard-server", "netbird", "zerotier"})
_HOST = frozenset({"/", "/etc", "/root", "/boot", "/var/lib/docker"})
_KERNEL = ("/proc", "/sys", "/var/lib/docker")
"""What lies below them is the host's or the engine's own, too."""

_ROLES: dict[str, frozenset[str]] = {
    "fail2ban": frozenset({"NET_ADMIN", "NET_RAW"}),
}
"""Capabilities without which an application cannot do what it is for (its README)."""


def _privileged(container: "Container", _scope: Scope) -> Iterator[Finding]:
    hint = "give it the one capability or device that it needs"
    if container.privileged:
        yield "it is privileged", hint
    for name, mode in (("process", container.pid_mode), ("IPC", container.ipc_mode)):
        if mode == "host":
            yield f"it shares the host's {name} namespace", hint
    for option in container.security_options:
        what, _, value = option.replace(":", "=", 1).partition("=")
        if what.strip().lower() in _CONFINEMENTS and value.strip().lower() in _LOOSE:
            yield f"`{option}` takes its confinement away", hint
    roles = [_ROLES[name] for name in names_of(container) if name in _ROLES]
    allowed = frozenset({"NET_ADMIN"} if is_gateway(container) else ()).union(*roles)
    for capability in container.capabilities:
        if capability.upper().removeprefix("CAP_") not in allowed:
            yield f"it has the capability `{capability}`", hint


def _new_privileges(container: "Container", _scope: Scope) -> Iterator[Finding]:
    said = {option.replace(":", "=", 1).lower() for option in container.security_options}
    if said.isdisjoint({"no-new-privileges", "no-new-privileges=true"}):
        yield (
            "its processes may gain rights that they did not start with",
            "add `no-new-privileges:true`",
        )


def _stray_devices(container: "Container", _scope: Scope) -> Iterator[Finding]:
    hint = "give it to the container whose role needs it"
    if (container.gpus or container.runtime == "nvidia") and not is_any(container, TRANSCODERS):
        yield "it holds the GPU, and this is no transcoder", hint
    for device in container.devices:
        place = PurePosixPath(device)
        if place.is_relative_to("/dev/dri") and not is_any(container, TRANSCODERS):
            yield f"`{device}` is the GPU, and this is no transcoder", hint
        if place == PurePosixPath("/dev/net/tun") and not _tunnels(container):
            yield f"`{device}` makes tunnels, and this is no VPN", hint


def _tunnels(container: "Container") -> bool:
    name = image_name(container.image)
    return is_gateway(container) or name.endswith("vpn") or is_any(container, _TUNNELS)


def _host_directories(container: "Container", _scope: Scope) -> Iterator[Finding]:
    for mount in container.mounts:
        place = path(place_of(mount))
        below = any(place.is_relative_to(one) for one in _KERNEL)
        if not mount.read_only and (str(place) in _HOST or below):
            yield (
                f"`{mount.target}` is the host's `{place}`, writable",
                "mount the one directory that it needs, or this one read-only",
            )


PRIVILEGED_CONTAINER = Rule(
    id="R26",
    name="privileged-container",
    summary="A container has more rights on the host than its application needs",
    why="a hole in the application becomes a hole in the host",
    example="privileged: true",
    instead="cap_add: [NET_ADMIN]  # on the VPN gateway only",
    reads=frozenset(
        {"image", "privileged", "pid_mode", "ipc_mode", "security_options", "capabilities"}
    ),
    adds=frozenset({"privileged", "pid_mode", "ipc_mode", "security_options", "capabilities"}),
    check=_privileged,
)

NEW_PRIVILEGES = Rule(
    id="R27",
    name="new-privileges",
    summary="A container's processes may gain rights, e.g. through a setuid program",
    why="an intruder who is nobody in the container should stay nobody",
    example="no `security_opt` at all",
    instead="security_opt: ['no-new-privileges:true']",
    reads=frozenset({"security_options"}),
    check=_new_privileges,
)

STRAY_DEVICE = Rule(
    id="R27A",
    name="stray-device",
    summary="A container holds a device that its role does not need",
    why="a device is a door to the kernel: the GPU is for transcoders, `/dev/net/tun` for the VPN",
    example="devices: [/dev/dri:/dev/dri]  # radarr",
    instead="devices: [/dev/dri:/dev/dri]  # plex, jellyfin, emby, tdarr",
    reads=frozenset({"image", "devices", "gpus", "runtime"}),
    adds=frozenset({"devices", "gpus", "runtime"}),
    check=_stray_devices,
)

WRITABLE_HOST_DIRECTORY = Rule(
    id="R28",
    name="writable-host-directory",
    summary="A directory that the host itself lives in is mounted writable",
    why="whoever writes to `/etc`, `/root` or the engine's own files owns the host",
    example="volumes: [/:/host]",
    instead="volumes: [/:/host:ro]  # node-exporter only",
    reads=frozenset({"mounts"}),
    adds=frozenset({"mounts"}),
    check=_host_directories,
)

RULES = (PRIVILEGED_CONTAINER, NEW_PRIVILEGES, STRAY_DEVICE, WRITABLE_HOST_DIRECTORY)
