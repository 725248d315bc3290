"""One container cannot take the whole host's memory or disk."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import TRANSCODERS, is_any
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_HINT = "set a limit that fits the host, e.g., `mem_limit: 2g`"


def _memory(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if not container.memory_mb and not is_any(container, TRANSCODERS):
        yield "it may take all of the host's memory", _HINT


def _transcoder_memory(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if not container.memory_mb and is_any(container, TRANSCODERS):
        yield "a transcoder may take all of the host's memory", _HINT


def _logs(container: "Container", _scope: Scope) -> Iterator[Finding]:
    driver = container.log_options.get("driver", "json-file")
    if driver == "json-file" and "max-size" not in container.log_options:
        yield (
            "its log grows without end",
            "set `max-size` and `max-file` for its log, or the engine's `local` driver",
        )


NO_MEMORY_LIMIT = Rule(
    id="R31",
    name="no-memory-limit",
    summary="A container may take all of the host's memory",
    why="the kernel then ends whatever it likes, most often the database that all others need",
    example="no `mem_limit`",
    instead="mem_limit: 1g",
    reads=frozenset({"image", "memory_mb"}),
    check=_memory,
)

UNLIMITED_TRANSCODER = Rule(
    id="R31A",
    name="unlimited-transcoder",
    summary="A transcoder may take all of the host's memory",
    why="what it needs depends on the film that somebody starts: the day it is too much, the "
    "whole host swaps",
    example="no `mem_limit`  # plex",
    instead="mem_limit: 4g  # plex",
    reads=frozenset({"image", "memory_mb"}),
    check=_transcoder_memory,
)

ENDLESS_LOG = Rule(
    id="R31B",
    name="endless-log",
    summary="A container's log grows until the disk is full",
    why="Docker's json-file driver rotates nothing by default, and a full disk breaks databases",
    example="no `logging`",
    instead="logging: {options: {max-size: 10m, max-file: '3'}}",
    reads=frozenset({"log_options"}),
    check=_logs,
)

RULES = (NO_MEMORY_LIMIT, UNLIMITED_TRANSCODER, ENDLESS_LOG)
