"""Bad releases, for rehearsals: how a stand-in misbehaves when its image says so.

- `exits` / `exits-after-30s`: the process ends with code 1, at once or after so many seconds.
- `unhealthy-after-30s`: the health endpoint answers 500 from then on.
- `500-after-healthy`: health stays good; everything else answers 500 after the first good probe.
- `migrates-then-fails`: changes the database as a newer release would, then ends with code 1.
"""

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from testbed.apps.web import Handler, Request, Response, as_json


KINDS = ("exits", "unhealthy", "500-after-healthy", "migrates-then-fails")
_FORM = re.compile(r"(exits|unhealthy)(?:-after-(\d+)s)?|500-after-healthy|migrates-then-fails")
_GOOD = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave."""

    kind: str
    """One of `KINDS`; empty: none."""
    after: float = 0.0
    """Seconds after the start."""

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Reads *text*; an empty one is no fault. Raises ValueError for an unknown one."""
        if not text:
            return cls("")
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"unknown fault `{text}`; known: {', '.join(KINDS)}")
        return cls(match[1] or text, float(match[2] or 0))

    def begin(self, migrate: Callable[[], None]) -> None:
        """Does what happens at or some time after the start."""
        if self.kind == "migrates-then-fails":
            migrate()
            _end()
        if self.kind == "exits":
            if not self.after:
                _end()
            timer = threading.Timer(self.after, _end)
            timer.daemon = True
            timer.start()

    def around(self, handler: Handler, is_health: Callable[[Request], bool]) -> Handler:
        """*handler*, misbehaving."""
        begun = time.monotonic()
        seen_healthy = threading.Event()

        def answer(request: Request) -> Response:
            health = is_health(request)
            late = time.monotonic() - begun >= self.after
            if health and self.kind == "unhealthy" and late:
                return as_json({"status": "Error"}, 500)
            if not health and self.kind == "500-after-healthy" and seen_healthy.is_set():
                return as_json({"message": "rehearsed failure of this release"}, 500)
            response = handler(request)
            if health and response.status < _GOOD:
                seen_healthy.set()
            return response

        return answer if self.kind in ("unhealthy", "500-after-healthy") else handler


def _end() -> None:
    print("fatal: this release was built to fail", flush=True)
    os._exit(1)
