"""What a stand-in is told about itself: which application, which release, where its state lies."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


INSIDE = Path("/opt/stand-in/release.json")
"""Where the image keeps the facts."""


@dataclass(frozen=True, slots=True)
class DatabaseFact:
    """A SQLite file of the application, as the catalog names it."""

    path: str
    """Relative to the state directory."""
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One stand-in's facts and surroundings."""

    app: str
    version: str
    """The version that it claims: the catalog's pin, or what the image was built for."""
    state: Path
    """The state directory, e.g. `/config`."""
    port: int
    """Where the user interface listens; 0 lets the system choose (tests)."""
    databases: tuple[DatabaseFact, ...] = ()
    fault: str = ""
    """How this release misbehaves (faults.py); empty: it does not."""
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    """What the container was given after the image's entry point."""

    @classmethod
    def read(cls, facts: Path, arguments: Sequence[str] = ()) -> Self:
        """The facts in the JSON file *facts*, with this process's environment.

        `TAME_STAND_IN_FAULT` in the environment wins over the fault of the image.
        """
        told: dict[str, Any] = json.loads(facts.read_text("utf-8"))
        return cls(
            app=told["app"],
            version=told["version"],
            state=Path(told["state"]),
            port=told["port"],
            databases=tuple(
                DatabaseFact(entry["path"], tuple(entry["tables"])) for entry in told["databases"]
            ),
            fault=os.environ.get("TAME_STAND_IN_FAULT", told["fault"]),
            environment=dict(os.environ),
            arguments=tuple(arguments),
        )

    def file(self, relative: str) -> Path:
        """A path below the state directory; its parent directories exist afterwards."""
        path = self.state / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
