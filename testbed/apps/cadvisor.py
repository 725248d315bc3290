"""cAdvisor."""

import json
import time
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.docker_api import get
from testbed.apps.place import Place
from testbed.apps.web import Request, Response, as_text, redirect


_ENGINE = "tcp://127.0.0.1:2375"
_HEALTHY, _ILL, _UNKNOWN = 1, 0, -1
"""lib/metrics/prometheus.go, getContainerHealthState; one that starts counts as ill."""
_SAFE = str.maketrans(".-", "__")


class StandIn(Application):
    """Tells which containers the engine runs, and their health; it measures no use."""

    health = ("/healthz",)

    def __init__(self, place: Place) -> None:
        flags = dict(part.lstrip("-").split("=", 1) for part in place.arguments if "=" in part)
        self._engine = flags.get("docker", _ENGINE)
        wanted = flags.get("whitelisted_container_labels", "")
        self._labels = tuple(filter(None, wanted.split(",")))
        super().__init__(place)

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: redirect("/containers/", 307))
        self.router.add("GET", "/healthz", lambda _: as_text("ok"))
        self.router.add("GET", "/metrics", self._metrics)

    def _metrics(self, _: Request) -> Response:
        lines = [f'cadvisor_version_info{{cadvisorVersion="v{self.place.version}"}} 1']
        try:
            status, body = get(self._engine, "/containers/json")
            found: list[dict[str, Any]] = json.loads(body) if status == 200 else []  # noqa: PLR2004 - HTTP's own number
        except OSError as error:
            self.log("Warning", f"the engine does not answer: {error}")
            found = []
        now = time.time()
        for one in found:
            marks = self._marks(one)
            lines.append(f"container_last_seen{{{marks}}} {now:.0f}")
            lines.append(f"container_start_time_seconds{{{marks}}} {one['Created']}")
            lines.append(f"container_health_state{{{marks}}} {_health(one.get('Status', ''))}")
        return as_text("\n".join([*lines, ""]))

    def _marks(self, container: dict[str, Any]) -> str:
        marks = {
            "id": f"/docker/{container['Id']}",
            "image": container["Image"],
            "name": container["Names"][0].lstrip("/"),
        }
        for label in self._labels:
            marks[f"container_label_{label.translate(_SAFE)}"] = container["Labels"].get(label, "")
        return ",".join(f'{name}="{value}"' for name, value in sorted(marks.items()))


def _health(status: str) -> int:
    """Of `Up 3 minutes (healthy)`, as the engine words it."""
    if "(healthy)" in status:
        return _HEALTHY
    return _ILL if "(" in status else _UNKNOWN
