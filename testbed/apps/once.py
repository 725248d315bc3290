"""What runs on demand: it does one thing, says so, and ends."""

import abc
from typing import ClassVar

from testbed.apps.place import Place


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
