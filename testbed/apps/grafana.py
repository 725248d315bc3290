"""Grafana."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typing_extensions import override

from testbed.apps.application import same_key
from testbed.apps.place import Place
from testbed.apps.plain import exposition
from testbed.apps.settings_yaml import parse
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, as_text, redirect


_PROVISIONING = Path("/etc/grafana/provisioning")
_DASHBOARDS = Path("/etc/grafana/dashboards")


class StandIn(WithDatabase):
    """Health, the login, and what provisioning names; it draws nothing and asks no datasource."""

    health = ("/api/health",)
    tables = {  # noqa: RUF012 - never changed
        "dashboard": '"id" INTEGER PRIMARY KEY, "uid" TEXT UNIQUE, "title" TEXT',
        "data_source": '"id" INTEGER PRIMARY KEY, "name" TEXT UNIQUE, "type" TEXT, "url" TEXT',
        "org": '"id" INTEGER PRIMARY KEY, "name" TEXT UNIQUE',
        "user": '"id" INTEGER PRIMARY KEY, "login" TEXT UNIQUE, "is_admin" INTEGER',
    }
    corrupt = "logger=sqlstore level=error msg={error}"

    def __init__(self, place: Place) -> None:
        path = place.environment.get("GF_SECURITY_ADMIN_PASSWORD__FILE", "")
        told = Path(path).read_text("utf-8").rstrip("\n") if path else ""
        self._password = told or place.environment.get("GF_SECURITY_ADMIN_PASSWORD", "admin")
        super().__init__(place)
        self._provision()

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: redirect("/login"))
        self.router.add("GET", "/login", lambda _: as_html("<title>Grafana</title>"))
        self.router.add("GET", "/api/health", self._health)
        self.router.add("GET", "/metrics", self._metrics)
        self.router.add("GET", "/api/datasources", self._datasources)
        self.router.add("GET", "/api/search", self._search)

    def _provision(self) -> None:
        run = self.store.run
        run("INSERT OR IGNORE INTO \"org\" VALUES (1, 'Main Org.')")
        run("INSERT OR IGNORE INTO \"user\" VALUES (1, 'admin', 1)")
        for one in datasources(_PROVISIONING / "datasources"):
            row = (one.get("name", ""), one.get("type", ""), one.get("url", ""))
            run('INSERT OR REPLACE INTO "data_source" (name, type, url) VALUES (?, ?, ?)', row)
        for path in sorted(_DASHBOARDS.glob("**/*.json")):
            board: dict[str, Any] = json.loads(path.read_text("utf-8"))
            kept = (board.get("uid") or path.stem, board.get("title", path.stem))
            run('INSERT OR REPLACE INTO "dashboard" (uid, title) VALUES (?, ?)', kept)

    def _health(self, _: Request) -> Response:
        self.store.run('SELECT 1 FROM "org"')
        version = {"commit": "stand-in", "version": self.place.version}
        return as_json({"database": "ok", **version})

    def _metrics(self, _: Request) -> Response:
        ((boards,),) = self.store.run('SELECT COUNT(*) FROM "dashboard"')
        return as_text(exposition(grafana_stat_totals_dashboard=float(str(boards))))

    def _is_admin(self, request: Request) -> bool:
        scheme, _, told = request.header("authorization").partition(" ")
        if scheme.lower() != "basic":
            return False
        user, _, password = base64.b64decode(told).decode(errors="replace").partition(":")
        return user == "admin" and same_key(password, self._password)

    def _rows(self, request: Request, *columns: str, table: str) -> Response:
        if not self._is_admin(request):
            return as_json({"message": "Unauthorized"}, 401)
        names = ", ".join(columns)
        rows = self.store.run(f'SELECT {names} FROM "{table}" ORDER BY id')  # noqa: S608 - ours
        return as_json([dict(zip(columns, row, strict=True)) for row in rows])

    def _datasources(self, request: Request) -> Response:
        return self._rows(request, "id", "name", "type", "url", table="data_source")

    def _search(self, request: Request) -> Response:
        return self._rows(request, "id", "uid", "title", table="dashboard")


def datasources(folder: Path) -> Iterator[dict[str, str]]:
    """The entries of `datasources:` in the files of *folder*."""
    for path in sorted(folder.glob("*.y*ml")):
        yield from parse(path.read_text("utf-8")).get("datasources") or ()
