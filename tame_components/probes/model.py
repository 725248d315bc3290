"""What a probe asks, and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from tame_components.domain.base import Frozen
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


class Verdict(StrEnum):
    """What is known after a probe."""

    PROVED = "proved"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    """The question does not arise here."""
    UNDECIDABLE = "undecidable"
    """The probe could not be run to its end; that is no success."""


class Result(Frozen):
    """One answer. Its JSON is stable: keys are added, never renamed."""

    rule: str
    """The doctrine's number, e.g. `R07`."""
    subject: str
    """The service, or `host`."""
    verdict: Verdict
    evidence: str
    """What was seen, in one line; never a secret."""
    hint: str = ""
    """What to do; empty where there is nothing to do."""


Answer = tuple[Verdict, str, str]
"""Verdict, evidence and hint. Probes yield them in the order of weight: the first one counts."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program inside a container did."""

    code: int
    """Its exit status; 126 and 127 where it could not be started."""
    output: str
    """Both streams."""


class Engine(Protocol):
    """The part of a Docker engine that probes ask."""

    def run(self, container: str, command: Sequence[str], *, user: str = "") -> Ran | None:
        """What *command* does inside *container*; None: that does not run."""
        ...

    def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Docker's `GET /containers/<id>/json`; None: there is none."""
        ...

    def info(self) -> Mapping[str, Any]:
        """Docker's `GET /info`."""
        ...


NOT_STARTED = frozenset({126, 127})
"""Exit statuses that say the shell or a program was not there (POSIX sh, docker exec)."""


def user_of(topology: Topology, service: Service) -> str:
    """Who the application works as inside its container; empty: whoever the container starts as."""
    if service.app.identity.by == "puid-pgid":
        return f"{service.uid}:{topology.settings.identity.gid}"
    return ""


def one_line(text: str, longest: int = 200) -> str:
    """*text* as evidence."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
