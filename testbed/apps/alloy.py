"""Alloy."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.docker_api import get
from testbed.apps.place import Place
from testbed.apps.plain import exposition
from testbed.apps.web import Request, Response, as_html, as_text


_PAUSE_SECONDS = 5.0
_BEFORE_SECONDS = 600.0
"""The real one reads every log from its beginning."""
_PATIENCE_SECONDS = 5.0
_LABELS = ("app", "service", "stack")
_ENGINE = re.compile(r'\bhost\s*=\s*"([^"]+)"')
_STORE = re.compile(r'\burl\s*=\s*"([^"]+)"')
_STACK = re.compile(r'"tame\.stack=([^"]+)"')
_HEAD = 8
"""Bytes before each piece of a container's log (Docker's API, `ContainerAttach`)."""


class StandIn(Application):
    """Ships what the stack's containers log to Loki every few seconds.

    Of its settings it knows where the engine and Loki are, and the one label that containers need.
    """

    health = ("/-/ready",)
    settings = Path("/etc/alloy/config.alloy")

    def __init__(self, place: Place) -> None:
        told = self.settings.read_text("utf-8") if self.settings.is_file() else ""
        self._engine = (_ENGINE.findall(told) or [""])[0]
        self._stores = _STORE.findall(told)
        self._stack = (_STACK.findall(told) or [""])[0]
        self._sent = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        super().__init__(place)

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: as_html("<title>Alloy</title>"))
        self.router.add("GET", "/-/ready", lambda _: as_text("Alloy is ready.\n"))
        self.router.add("GET", "/metrics", self._metrics)

    @override
    def listening(self, port: int) -> None:
        super().listening(port)
        if self._engine and self._stores:
            self._thread.start()

    @override
    def close(self) -> None:
        self._ended.set()

    def _metrics(self, _: Request) -> Response:
        build = f'alloy_build_info{{version="v{self.place.version}"}} 1\n'
        return as_text(build + exposition(loki_write_sent_entries_total=self._sent))

    def _follow(self) -> None:
        since = time.time() - _BEFORE_SECONDS
        while not self._ended.wait(_PAUSE_SECONDS):
            until = time.time()
            try:
                self._ship(since, until)
            except (OSError, ValueError) as error:
                self.log("warn", f"not shipped, tried again: {error}")
            else:
                since = until

    def _ship(self, since: float, until: float) -> None:
        status, body = get(self._engine, "/containers/json")
        if status != 200:  # noqa: PLR2004 - HTTP's own number
            raise ValueError(f"the engine answered {status}")
        for container in json.loads(body):
            labels = container["Labels"]
            if labels.get("tame.stack") != self._stack:
                continue
            wanted = f"stdout=1&stderr=1&timestamps=1&since={since:.9f}&until={until:.9f}"
            _, log = get(self._engine, f"/containers/{container['Id']}/logs?{wanted}")
            values = list(_lines(log))
            if values:
                marks = {name: labels.get(f"tame.{name}", "") for name in _LABELS}
                self._push({"streams": [{"stream": marks, "values": values}]})
                self._sent += len(values)

    def _push(self, body: dict[str, Any]) -> None:
        for store in self._stores:
            request = urllib.request.Request(  # noqa: S310 - the stack's own
                store,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS):  # noqa: S310 - same
                pass


def _lines(log: bytes) -> Iterator[list[str]]:
    """`[nanoseconds, text]` of each line in a container's log, as the engine frames it."""
    text, place = b"", 0
    while place + _HEAD <= len(log):
        length = int.from_bytes(log[place + 4 : place + _HEAD], "big")
        text += log[place + _HEAD : place + _HEAD + length]
        place += _HEAD + length
    for line in text.decode(errors="replace").splitlines():
        stamp, _, said = line.partition(" ")
        yield [str(_nanoseconds(stamp)), said]


def _nanoseconds(stamp: str) -> int:
    """Of `2026-11-21T14:00:00.123456789Z`; now, where it is none."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    try:
        seconds = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone
    except ValueError:
        return time.time_ns()
    return int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, "0") or 0)
