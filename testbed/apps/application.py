"""What every stand-in is: facts, routes, and an orderly end."""

import abc
import secrets
import sqlite3
import sys
import time
from socketserver import BaseServer
from typing import ClassVar

from testbed.apps.place import Place
from testbed.apps.web import Handler, Request, Response, Router, Server, as_json


class Application(abc.ABC):
    """One application. Made once per process; `handle` is called from many threads."""

    banner: ClassVar[str] = ""
    """The `Server` header of the real application."""
    health: ClassVar[tuple[str, ...]] = ()
    """The paths that its health is judged by."""
    process: ClassVar[str] = ""
    """What its process is called, where a probe looks for that."""
    host: str = ""
    """Where it listens; empty: everywhere."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.started = time.time()
        self.router = Router()
        self.routes()

    @property
    def port(self) -> int:
        """Where it listens; the catalog's port unless the application's own settings differ."""
        return self.place.port

    def server(self, handler: Handler) -> BaseServer:
        """What listens; *handler* is `handle`, misbehaving as the release wants."""
        return Server(self.port, handler, host=self.host, banner=self.banner)

    @abc.abstractmethod
    def routes(self) -> None:
        """Fills `router`."""

    def handle(self, request: Request) -> Response:
        """The answer to *request*."""
        try:
            return self.router(request)
        except sqlite3.DatabaseError as error:
            self.log("Error", f"{type(error).__name__}: {error}")
            return as_json({"message": str(error), "description": str(error)}, 500)

    def is_health(self, request: Request) -> bool:
        """Whether *request* asks for the application's health."""
        return request.path in self.health

    def log(self, level: str, message: str) -> None:
        """One line on standard output."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        print(f"{moment} [{level}] {message}", flush=True)

    def listening(self, port: int) -> None:
        """Is told when requests are answered."""
        self.log("Info", f"listening on port {port}")

    def migrate(self) -> None:  # noqa: B027 - most keep nothing
        """Changes the state as a newer release would, so that the older one must be restored."""

    def close(self) -> None:  # noqa: B027 - same
        """Leaves the state so that it can be copied."""


class Unrecoverable(Exception):
    """The application cannot start, and waits for a person instead of ending."""


def new_key() -> str:
    """32 hexadecimal digits, as most applications make their API keys."""
    return secrets.token_hex(16)


def same_key(got: str, wanted: str) -> bool:
    """Whether *got* is the key *wanted*; an empty key fits nothing."""
    return bool(wanted) and secrets.compare_digest(got.encode(), wanted.encode())


def fatal(message: str) -> None:
    """One line on standard error."""
    print(message, file=sys.stderr, flush=True)
