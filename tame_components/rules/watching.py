"""Somebody hears of it when a service is down."""

from collections.abc import Iterator

from tame_components.rules.known import LOG_VIEWERS, UPTIME_MONITORS, is_any
from tame_components.rules.model import Rule, Scope, StackFinding


def _unwatched(scope: Scope) -> Iterator[StackFinding]:
    for names, missing, example in (
        (UPTIME_MONITORS, "nothing watches whether its services are up", "uptime-kuma"),
        (LOG_VIEWERS, "nobody can read its logs in one place", "dozzle"),
    ):
        if scope.containers and not any(is_any(one, names) for one in scope.containers):
            yield "stack", missing, f"add `{example}: {{}}` to `services`"


UNWATCHED_STACK = Rule(
    id="R37",
    name="unwatched-stack",
    summary="The stack has no uptime monitor, or no view of its logs",
    why="people then hear of an outage from whoever wanted to see a film",
    example="services: {plex: {}, radarr: {}}",
    instead="services: {plex: {}, radarr: {}, uptime-kuma: {}, dozzle: {}, socket-proxy: {}}",
    reads=frozenset({"image"}),
    check_stack=_unwatched,
)

RULES = (UNWATCHED_STACK,)
