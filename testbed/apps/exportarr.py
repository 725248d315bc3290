"""Exportarr."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application, fatal
from testbed.apps.place import Place
from testbed.apps.web import Request, Response, as_html, as_text


_PATIENCE_SECONDS = 5.0
_COUNTED = {
    "radarr": ("v3", "movie", "radarr_movie_total"),
    "sonarr": ("v3", "series", "sonarr_series_total"),
    "lidarr": ("v1", "artist", "lidarr_artists_total"),
    "prowlarr": ("v1", "indexer", "prowlarr_indexer_total"),
}
"""Subcommand -> version of the API, what is listed, the metric (internal/arr/collector)."""
_OTHERS = ("bazarr", "sabnzbd")


class StandIn(Application):
    """Asks its target with the key at each scrape: state and one count; the rest is left out."""

    health = ("/healthz",)

    def __init__(self, place: Place) -> None:
        known = (*_COUNTED, *_OTHERS)
        # Tests start it bare; the real one has no default subcommand.
        self._name = place.arguments[0] if place.arguments else "radarr"
        if self._name not in known:
            fatal(f'Error: unknown command "{self._name}" for "exportarr"')
            raise SystemExit(1)
        self._url = place.environment.get("URL", "").rstrip("/")
        path = place.environment.get("API_KEY_FILE", "")
        self._key = Path(path).read_text("utf-8").strip() if path else ""
        super().__init__(place)

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: as_html("<title>Exportarr</title>"))
        self.router.add("GET", "/healthz", lambda _: as_text("OK"))
        self.router.add("GET", "/metrics", self._metrics)

    def _metrics(self, _: Request) -> Response:
        try:
            found = self._collected()
        except (OSError, ValueError, TypeError) as error:
            # v2.3.0: an invalid metric makes promhttp answer 500
            self.log("ERROR", f"Error getting data: {error}")
            return as_text(f"An error has occurred while serving metrics:\n\n{error}", 500)
        labels = f'{{url="{self._url}"}}'
        lines = [
            f"# TYPE {name} gauge\n{name}{labels} {value:g}\n" for name, value in found.items()
        ]
        version = f'exportarr_app_info{{app_name="exportarr",version="{self.place.version}"}} 1\n'
        return as_text("".join([*lines, version]))

    def _collected(self) -> dict[str, float]:
        if self._name == "bazarr":
            return {"bazarr_system_status": float(bool(self._asked("/api/system/status")))}
        if self._name == "sabnzbd":
            queue = self._asked(f"/api?mode=queue&output=json&apikey={self._key}")["queue"]
            return {"sabnzbd_paused": float(bool(queue.get("paused")))}
        version, listed, metric = _COUNTED[self._name]
        status = self._asked(f"/api/{version}/system/status")
        items = self._asked(f"/api/{version}/{listed}")
        return {f"{self._name}_system_status": float(bool(status)), metric: float(len(items))}

    def _asked(self, path: str) -> Any:  # noqa: ANN401 - whatever the target says
        headers = {"X-Api-Key": self._key}
        request = urllib.request.Request(f"{self._url}{path}", headers=headers)  # noqa: S310 - the stack's own
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - same
            return json.loads(answer.read())
