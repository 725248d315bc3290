"""What runs on demand: it does one thing, says so, and ends."""

import abc
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, ClassVar

from testbed.apps.place import Place


_PATIENCE = 10.0


class Once(abc.ABC):
    """One run of an application that is no server."""

    health: ClassVar[tuple[str, ...]] = ()
    """Nothing asks it."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @abc.abstractmethod
    def run(self) -> int:
        """Does it; the exit code."""

    def say(self, line: str) -> None:
        """One line on standard output."""
        print(line, flush=True)

    def ask(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object at *url*; with `error` alone where there is none."""
        asked = urllib.request.Request(url, headers={"Accept": "application/json", **headers})  # noqa: S310 - a service of the stack
        try:
            with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310 - same
                found: dict[str, Any] = json.loads(answer.read())
        except (urllib.error.URLError, OSError, ValueError) as error:
            return {"error": f"{url}: {error}"}
        return found
