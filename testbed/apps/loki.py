"""Loki."""

import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.place import Place
from testbed.apps.plain import exposition
from testbed.apps.web import Request, Response, as_json, as_text


_KEPT = 20_000
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_FILTER = re.compile(r'\|=\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class _Line:
    moment: int
    """Nanoseconds since 1970."""
    labels: Mapping[str, str]
    text: str


class StandIn(Application):
    """Takes pushes in JSON and finds lines by labels and `|=`, in memory; no other LogQL."""

    health = ("/ready",)

    def __init__(self, place: Place) -> None:
        self._lines: deque[_Line] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        super().__init__(place)

    @override
    def routes(self) -> None:
        add = self.router.add
        add("GET", "/ready", lambda _: as_text("ready\n"))
        add("GET", "/metrics", self._metrics)
        add("GET", "/loki/api/v1/status/buildinfo", self._build)
        add("POST", "/loki/api/v1/push", self._push)
        add("GET", "/loki/api/v1/query_range", self._query)
        add("GET", "/loki/api/v1/labels", self._labels)
        add("GET", "/loki/api/v1/label/{name}/values", self._values)

    def _build(self, _: Request) -> Response:
        return as_json({"version": self.place.version, "revision": "stand-in"})

    def _metrics(self, _: Request) -> Response:
        version = f'loki_build_info{{version="{self.place.version}"}} 1\n'
        return as_text(version + exposition(loki_ingester_memory_streams=len(self._streams())))

    def _push(self, request: Request) -> Response:
        try:
            streams = request.json()["streams"]
            found = [
                _Line(int(moment), stream["stream"], text)
                for stream in streams
                for moment, text, *_ in stream["values"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            return as_text(f"{error}\n", 400)
        with self._lock:
            self._lines.extend(found)
        return Response(204)

    def _held(self) -> list[_Line]:
        with self._lock:
            return list(self._lines)

    def _streams(self) -> set[tuple[tuple[str, str], ...]]:
        return {tuple(sorted(line.labels.items())) for line in self._held()}

    def _labels(self, _: Request) -> Response:
        names = {name for stream in self._streams() for name, _ in stream}
        return as_json({"status": "success", "data": sorted(names)})

    def _values(self, request: Request) -> Response:
        wanted = request.parts["name"]
        found = {value for stream in self._streams() for name, value in stream if name == wanted}
        return as_json({"status": "success", "data": sorted(found)})

    def _query(self, request: Request) -> Response:
        query = request.query.get("query", "")
        selector, _, rest = query.partition("}")
        matchers, words = _MATCHER.findall(selector), _FILTER.findall(rest)
        if not matchers:
            return as_text("parse error : queries require at least one matcher", 400)
        since = int(request.query.get("start") or time.time_ns() - 3_600_000_000_000)
        limit = int(request.query.get("limit") or 100)
        streams: dict[tuple[tuple[str, str], ...], list[list[str]]] = {}
        found = (
            line
            for line in reversed(self._held())
            if line.moment >= since
            and all(_fits(line.labels, *matcher) for matcher in matchers)
            and all(word in line.text for word in words)
        )
        for _, line in zip(range(limit), found, strict=False):
            key = tuple(sorted(line.labels.items()))
            streams.setdefault(key, []).append([str(line.moment), line.text])
        result: list[dict[str, Any]] = [
            {"stream": dict(key), "values": values} for key, values in streams.items()
        ]
        return as_json({"status": "success", "data": {"resultType": "streams", "result": result}})


def _fits(labels: Mapping[str, str], name: str, relation: str, value: str) -> bool:
    has = labels.get(name, "")
    equal = bool(re.fullmatch(value, has)) if "~" in relation else has == value
    return equal is not relation.startswith("!")
