"""A container has the rights that its application needs, and no others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import is_gateway
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_CONFINEMENTS = frozenset({"seccomp", "apparmor", "systempaths", "label"})
_LOOSE = frozenset({"unconfined", "disable"})


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
    allowed = {"NET_ADMIN"} if is_gateway(container) else set()
    for capability in container.capabilities:
        if capability.upper().removeprefix("CAP_") not in allowed:
            yield f"it has the capability `{capability}`", hint


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

RULES = (PRIVILEGED_CONTAINER,)
