"""What Radarr, Sonarr and Prowlarr have in common, as their shared code base answers it."""

import contextlib
import sqlite3
import time
from typing import ClassVar

from typing_extensions import override

from testbed.apps.application import Application, Unrecoverable, fatal, same_key
from testbed.apps.config_xml import ConfigFile
from testbed.apps.place import DatabaseFact, Place
from testbed.apps.store import Store, open_store
from testbed.apps.web import Handler, Request, Response, as_html, as_json, redirect


_PING_SECONDS = 5.0
"""How long `/ping` remembers its answer (Sonarr.Http/Ping/PingController.cs)."""
_SHORT_KEY = 20
"""A shorter API key is a health warning (ApiKeyValidationCheck.cs)."""

_SHARED = {
    "Config": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Key" TEXT UNIQUE, "Value" TEXT',
    "VersionInfo": '"Version" INTEGER UNIQUE, "AppliedOn" DATETIME, "Description" TEXT',
    "ScheduledTasks": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "TypeName" TEXT UNIQUE,'
    ' "Interval" INTEGER, "LastExecution" DATETIME',
    "Commands": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT, "Body" TEXT,'
    ' "Status" INTEGER, "QueuedAt" DATETIME, "EndedAt" DATETIME',
    "Users": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Identifier" TEXT, "Username" TEXT,'
    ' "Password" TEXT',
    "Tags": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Label" TEXT UNIQUE',
    "History": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "SourceTitle" TEXT, "Date" DATETIME,'
    ' "EventType" INTEGER, "Data" TEXT',
}
_LOGS = {
    "Logs": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Message" TEXT, "Time" DATETIME,'
    ' "Logger" TEXT, "Level" TEXT',
}


class Servarr(Application):
    """One application of the family."""

    banner = "Kestrel"
    health = ("/ping",)
    title: ClassVar[str]
    """As the application writes its own name."""
    api: ClassVar[str] = "/api/v3"
    """Where its API lies."""
    migration: ClassVar[int]
    """The number of its newest database migration."""
    tables: ClassVar[dict[str, str]] = {}
    """The tables of its own that it uses here: name -> columns as SQL."""

    def __init__(self, place: Place) -> None:
        place.state.mkdir(parents=True, exist_ok=True)
        self.place = place
        self.log("Info", f"Bootstrap: Starting {self.title} - Version {place.version}")
        self.log("Info", f"AppFolderInfo: Data directory is being overridden to [{place.state}]")
        self.config = ConfigFile(
            place.file("config.xml"), self.title, place.port, place.environment
        )
        self._restore()
        main, *logs = place.databases
        self.main = self._open_main(main)
        self.logs = [self._open_logs(fact) for fact in logs]
        self._pinged: tuple[float, bool] = (-_PING_SECONDS, False)
        super().__init__(place)
        self._status = self._describe()

    @property
    @override
    def port(self) -> int:
        return self.config.port if self.place.port else 0

    @override
    def is_health(self, request: Request) -> bool:
        return request.path.removeprefix(self.config.url_base) in self.health

    @override
    def log(self, level: str, message: str) -> None:
        print(f"[{level}] {message}", flush=True)

    @override
    def listening(self, port: int) -> None:
        self.log("Info", f"Microsoft.Hosting.Lifetime: Now listening on: http://[::]:{port}")
        self.log(
            "Info", "Microsoft.Hosting.Lifetime: Application started. Press Ctrl+C to shut down."
        )

    @override
    def handle(self, request: Request) -> Response:
        base = self.config.url_base
        if base and not (request.path + "/").startswith(base + "/"):
            return redirect(base + request.path, 307)
        return super().handle(request)

    @override
    def routes(self) -> None:
        base, api = self.config.url_base, self.config.url_base + self.api
        self.router.add("GET", f"{base}/ping", self._ping)
        self.router.add("GET", f"{base}/?", self._front)
        self.router.add("GET", f"{base}/login", lambda _: as_html(f"<title>{self.title}</title>"))
        self.router.add("GET", f"{api}/system/status", self.keyed(lambda _: as_json(self._status)))
        self.router.add("GET", f"{api}/health", self.keyed(lambda _: as_json(self.warnings())))

    def keyed(self, handler: Handler) -> Handler:
        """*handler* for who has the API key; else 401 (ApiKeyAuthenticationHandler.cs)."""

        def answer(request: Request) -> Response:
            bearer = request.header("Authorization").removeprefix("Bearer ")
            got = request.header("X-Api-Key") or request.query.get("apikey") or bearer
            if same_key(got, self.config["ApiKey"]):
                return handler(request)
            return as_json({"error": "Unauthorized"}, 401)

        return answer

    def warnings(self) -> list[dict[str, str]]:
        """What `/health` lists."""
        found = []
        if len(self.config["ApiKey"]) < _SHORT_KEY:
            found.append(
                self.warning(
                    "ApiKeyValidationCheck",
                    f"Please update your API key to be at least {_SHORT_KEY} characters long. "
                    "You can do this via settings or the config file",
                )
            )
        return found

    def warning(self, source: str, message: str, level: str = "warning") -> dict[str, str]:
        """One entry of `/health`."""
        wiki = f"https://wiki.servarr.com/{self.title.lower()}/system"
        return {"source": source, "type": level, "message": message, "wikiUrl": wiki}

    @override
    def migrate(self) -> None:
        self.main.run('CREATE TABLE IF NOT EXISTS "NextRelease" ("Id" INTEGER PRIMARY KEY)')
        self._applied(self.migration + 1, "next_release")
        self.close()

    @override
    def close(self) -> None:
        self.log("Info", "Microsoft.Hosting.Lifetime: Application is shutting down...")
        for store in (self.main, *self.logs):
            store.close()

    def _ping(self, _: Request) -> Response:
        moment, good = self._pinged
        if time.monotonic() - moment >= _PING_SECONDS:
            try:
                self.main.read_afresh("Config")
                good = True
            except sqlite3.DatabaseError:
                good = False
            self._pinged = (time.monotonic(), good)
        return as_json({"status": "OK"}) if good else as_json({"status": "Error"}, 500)

    def _front(self, _: Request) -> Response:
        if self.config["AuthenticationMethod"] == "Forms":
            return redirect(f"{self.config.url_base}/login?returnUrl=%2F")
        return as_html(f"<title>{self.config['InstanceName']}</title>")

    def _describe(self) -> dict[str, object]:
        """What `/system/status` says: read once, so it proves nothing about the database now."""
        rows = self.main.run('SELECT MAX("Version") FROM "VersionInfo"')
        return {
            "appName": self.title,
            "instanceName": self.config["InstanceName"] or self.title,
            "version": self.place.version,
            "startTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "appData": str(self.place.state),
            "isDocker": True,
            "isProduction": True,
            "branch": self.config["Branch"],
            "authentication": self.config["AuthenticationMethod"].lower() or "none",
            "urlBase": self.config.url_base,
            "databaseType": "sqLite",
            "databaseVersion": sqlite3.sqlite_version,
            "migrationVersion": rows[0][0],
            "packageUpdateMechanism": "docker",
        }

    def _restore(self) -> None:
        """A restored backup lies beside the database until now (DatabaseRestorationService.cs)."""
        main = self.place.file(self.place.databases[0].path)
        restored = main.with_name(main.name + ".restore")
        if restored.exists():
            for suffix in ("-shm", "-wal", "-journal", ""):
                main.with_name(main.name + suffix).unlink(missing_ok=True)
            restored.rename(main)

    def _open_main(self, fact: DatabaseFact) -> Store:
        try:
            store = open_store(self.place.state, fact, {**_SHARED, **self.tables})
            self.main = store
            self._applied(self.migration, "newest")
            store.run('INSERT OR IGNORE INTO "Config" ("Key", "Value") VALUES (?, ?)', _FIRST)
            store.run("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.DatabaseError as error:
            raise self._corrupt(self.place.state / fact.path, error) from error
        return store

    def _applied(self, version: int, description: str) -> None:
        self.main.run(
            'INSERT OR IGNORE INTO "VersionInfo" VALUES (?, datetime(), ?)', (version, description)
        )

    def _open_logs(self, fact: DatabaseFact) -> Store:
        """A damaged log database is made anew, without asking (DbFactory.cs)."""
        try:
            return open_store(self.place.state, fact, _LOGS)
        except sqlite3.DatabaseError:
            self.log("Error", f"DbFactory: {fact.path} is corrupt, recreating")
            path = self.place.state / fact.path
            for suffix in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(FileNotFoundError):
                    path.with_name(path.name + suffix).unlink()
            return open_store(self.place.state, fact, _LOGS)

    def _corrupt(self, path: object, error: sqlite3.DatabaseError) -> Unrecoverable:
        """What the real one logs when it cannot start: DbFactory.cs, ConsoleApp.cs."""
        namespace = "NzbDrone.Core.Datastore.CorruptDatabaseException"
        fatal(
            "[Fatal] ConsoleApp: EPIC FAIL!\n\n"
            f"[v{self.place.version}] {namespace}: Database file: {path} is corrupt, restore from "
            f"backup if available. See: https://wiki.servarr.com/{self.title.lower()}/faq"
            "#i-am-getting-an-error-database-disk-image-is-malformed\n"
            f" ---> code = Corrupt (11), message = System.Data.SQLite.SQLiteException: {error}\n\n"
            "Press enter to exit...\nNon-recoverable failure, waiting for user intervention..."
        )
        return Unrecoverable(str(path))


_FIRST = ("cleanupmetadataimages", "False")
"""A row that every start makes sure of, so that an empty Config table is never normal."""
