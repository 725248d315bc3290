"""A Docker engine on another machine, by the `ssh` program, whose configuration and agent count.

Docker's own Python client would need an SSH library for `ssh://`, even where it runs the program.
As the docker command line does it: `ssh HOST docker system dial-stdio` joins the engine's socket.
"""

import http.client
import socket
import subprocess
import tempfile
from typing import IO, Any
from urllib.parse import urlsplit

import docker
from requests.adapters import BaseAdapter, HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool


_END_SECONDS = 5.0


def command(host: str) -> list[str]:
    """The program that speaks to the engine at *host*, e.g. `ssh://root@nas:2222`."""
    return [*reach(host), "docker", "system", "dial-stdio"]


def reach(host: str, *options: str) -> list[str]:
    """`ssh` to the machine of the engine at *host*; a command may follow."""
    where = urlsplit(host)
    given = ["ssh", "-o", "BatchMode=yes", "-T", *options]
    if where.username:
        given += ["-l", where.username]
    if where.port:
        given += ["-p", str(where.port)]
    return [*given, "--", where.hostname or ""]


def connection(host: str, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
    """HTTP to what the machine of *host* reaches at *address*; see ssh(1), -W."""
    return _Single(reach(host, "-W", f"{address}:{port}"), timeout)


class Client(docker.APIClient):
    """A client of the engine at *host*; each connection is one `ssh`, kept for the next request."""

    def __init__(self, host: str, *, timeout: int, connections: int = 8) -> None:
        self._adapter = _Adapter(command(host), connections)
        super().__init__(base_url="http://engine:80", version="auto", timeout=timeout)

    @override
    def get_adapter(self, url: str | bytes) -> BaseAdapter:
        return self._adapter

    @override
    def close(self) -> None:
        self._adapter.close()
        super().close()


class _Adapter(HTTPAdapter):
    """Answers every request of a session from one pool."""

    def __init__(self, program: list[str], connections: int) -> None:
        super().__init__()
        self._pool = _Pool(program, connections)

    @override
    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    @override
    def request_url(self, request: Any, proxies: Any) -> str:
        return str(request.path_url)

    @override
    def close(self) -> None:
        self._pool.close()


class _Pool(HTTPConnectionPool):
    def __init__(self, program: list[str], connections: int) -> None:
        super().__init__("engine", maxsize=connections, block=True)
        self._program = program

    @override
    def _new_conn(self) -> Any:
        return _Connection(self._program)


class _ByProgram:
    """A connection over the standard streams of a program; the rest is an HTTP connection's."""

    program: tuple[str, ...] = ()
    sock: Any
    timeout: Any
    _process: subprocess.Popen[bytes] | None = None
    _said: IO[bytes] | None = None
    _reason = ""

    def connect(self) -> None:
        """Start the program."""
        ours, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - close() ends it
        with theirs:
            self._process = subprocess.Popen(
                self.program,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is the caller's to handle
            )
        ours.settimeout(self.timeout if isinstance(self.timeout, int | float) else None)
        self.sock = ours

    def end(self) -> None:
        """End the program."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._said is not None:
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").strip().splitlines()
            self._reason = lines[-1] if lines else ""
            self._said.close()
            self._said = None

    def reason(self) -> str:
        """What the program complained of last; it is over then."""
        self.end()
        return self._reason


class _Connection(_ByProgram, HTTPConnection):
    """For a pool of requests."""

    def __init__(self, program: list[str]) -> None:
        super().__init__("engine")
        self.program = tuple(program)

    @override
    def request(self, *arguments: Any, **options: Any) -> None:
        try:
            super().request(*arguments, **options)
        except ConnectionError as error:
            said = self.reason() or str(error)
        else:
            return
        raise ConnectionError(said)  # out here, so that the innermost reason is the program's

    @override
    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            said = self.reason() or str(error)
        raise ConnectionError(said)

    @override
    def close(self) -> None:
        super().close()
        self.end()


class _Single(_ByProgram, http.client.HTTPConnection):
    """For one request to something behind the machine."""

    def __init__(self, program: list[str], timeout: float) -> None:
        super().__init__("engine", timeout=timeout)
        self.program = tuple(program)

    @override
    def close(self) -> None:
        super().close()
        self.end()
