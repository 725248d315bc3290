"""The filter before the Docker socket lets through what its flags say, and nothing else."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from testbed.apps.go_flags import parse
from tests.testbed.apps.harness import PATIENCE, Bench, Running


class _Engine(ThreadingHTTPServer):
    """Answers every request on a Unix socket with its method, path and body."""

    address_family = socket.AF_UNIX
    daemon_threads = True

    @override
    def server_bind(self) -> None:
        self.socket.bind(self.server_address)

    @override
    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = self.socket.accept()
        return connection, ("engine", 0)


class _Echo(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = f"{self.command} {self.path} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = _answer  # noqa: N815 - names that the standard library looks for

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Path]:
    """A Unix socket that something answers on."""
    path = tmp_path / "docker.sock"
    address: Any = str(path)  # of this family; the type knows pairs only
    server = _Engine(address, _Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield path
    server.shutdown()
    server.server_close()
    thread.join()


def start(bench: Bench, target: Path, *flags: str) -> Running:
    """The filter before *target*."""
    return bench.start("socket-proxy", f"-socketpath={target}", *flags)


def test_only_what_is_listed_passes(bench: Bench, engine: Path) -> None:
    """Whole path and method must fit: 405 for a method without rules, 403 for another path."""
    http = start(
        bench,
        engine,
        r"-allowGET=(/v1\.[0-9]+)?/(_ping|containers/json)",
        "-allowGET=/version",
        "-allowPOST=/build",
    ).http

    assert http.get("/v1.41/containers/json?all=1").text == "GET /v1.41/containers/json?all=1 "
    assert http.get("/version").status_code == 200
    assert http.get("/containers/json/x").status_code == 403
    assert http.get("/containers%2Fjson").status_code == 200  # decoded before it is judged
    assert http.get("/containers/abc/archive").status_code == 403
    assert http.post("/containers/create", json={}).status_code == 403
    assert http.delete("/containers/abc").status_code == 405
    assert http.post("/build", content=b"x" * 300_000).text.endswith("x" * 300_000)


def test_nothing_is_allowed_without_flags(bench: Bench, engine: Path) -> None:
    """Silence means no."""
    assert start(bench, engine).http.get("/_ping").status_code == 405


def test_other_clients_are_refused(bench: Bench, engine: Path) -> None:
    """The client's address counts before anything else."""
    http = start(bench, engine, "-allowfrom=192.0.2.0/24", "-allowGET=/.*").http

    assert http.get("/_ping").status_code == 403


def test_a_dead_engine_is_an_error_of_the_gateway(bench: Bench, tmp_path: Path) -> None:
    """The filter stays up and says that the socket does not answer."""
    http = start(bench, tmp_path / "absent.sock", "-allowGET=/.*").http

    assert http.get("/_ping").status_code == 502


def test_a_restriction_that_it_lacks_is_refused(bench: Bench, engine: Path) -> None:
    """The stand-in does not start with a flag that it would silently ignore."""
    flags = (f"-socketpath={engine}", "-allowbindmountfrom=/data")
    process, _, _, log = bench.launch("socket-proxy", *flags)

    assert process.wait(PATIENCE) != 0
    assert "allowbindmountfrom" in log.read_text()


def test_dozzle_lists_containers_through_the_filter(bench: Bench, tmp_path: Path) -> None:
    """Without an engine it does not start, as the real one."""
    process, _, _, log = bench.launch(
        "dozzle", env={"DOCKER_HOST": f"unix://{tmp_path}/absent.sock"}
    )

    assert process.wait(PATIENCE) == 1
    assert "Could not connect to any Docker Engine" in log.read_text()


def test_flags_are_read_as_go_reads_them() -> None:
    """One dash or two, with `=` or without; a switch takes no second word."""
    read = parse(["-a=1", "--a", "2", "-s", "-t=false"], {"a"}, {"s", "t"})

    assert read == {"a": ["1", "2"], "s": ["true"], "t": ["false"]}
    with pytest.raises(ValueError, match="not defined: -b"):
        parse(["-b"], {"a"}, set())
