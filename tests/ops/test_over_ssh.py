"""An engine and a host behind `ssh`, played by a program that joins a server of this machine."""

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tame_components.domain.errors import EngineUnreachable
from tame_components.ops.engine import connect
from tame_components.ops.host import Host


JOIN = """\
import os, select, socket, sys
there = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    for one in select.select([0, there], [], [])[0]:
        data = os.read(0, 65536) if one == 0 else there.recv(65536)
        if not data:
            sys.exit()
        there.sendall(data) if one == 0 else os.write(1, data)
"""


class _Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answers: dict[str, Any] = {"version": {"ApiVersion": "1.41", "Version": "20.10"}}
        body = json.dumps(answers.get(self.path.rpartition("/")[2], [])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_: object) -> None:
        """Nothing: pytest shows failures."""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What `ssh` was asked; the host `gone` does not answer, others run the command here."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Engine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log, program, join = tmp_path / "log", tmp_path / "ssh", tmp_path / "join.py"
    join.write_text(JOIN)
    joined = f"exec {sys.executable} -I {join} {server.server_address[1]}"
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{log}\n'
        f'case "$*" in *" gone "*|*" gone") echo "no route to gone" >&2; exit 255 ;;\n'
        f'*dial-stdio*|*" -W "*) {joined} ;; esac\n'
        'while [ "$1" != -- ]; do shift; done; shift 2; exec sh -c "$*"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/bin")
    yield log
    server.shutdown()
    server.server_close()


def test_an_engine_is_asked_over_one_kept_connection(calls: Path) -> None:
    """User and port reach ssh; a second request starts no second program."""
    client = connect("ssh://me@nas:2222")
    try:
        assert client.version()["Version"] == "20.10"
        assert client.containers() == []
    finally:
        client.close()
    (asked,) = calls.read_text().splitlines()

    assert asked.endswith("-l me -p 2222 -- nas docker system dial-stdio")


def test_a_host_that_does_not_answer_is_said_in_the_words_of_ssh(calls: Path) -> None:
    """Not `connection closed`: what ssh printed."""
    with pytest.raises(EngineUnreachable, match="no route to gone"):
        connect("ssh://gone")
    assert calls.exists()
    assert Host("ssh://gone").obstacle() == "its host does not answer: no route to gone"
    with pytest.raises(ConnectionError, match="no route to gone"):
        Host("ssh://gone").run("test", "-e", "/")


def test_a_command_there_gets_its_words_as_they_are(calls: Path) -> None:
    """No word is split or expanded by the shell of the other end."""
    words = ["printf", "%s|", "a b", "$HOME", "'; echo no"]
    done = Host("ssh://root@nas").run(*words)

    assert done.stdout == b"a b|$HOME|'; echo no|"
    assert calls.read_text()
    assert Host("unix:///x").command(*words) == words


def test_files_there_are_read_by_one_connection_and_those_that_are_not_are_left_out(
    calls: Path, tmp_path: Path
) -> None:
    """As they are here; an engine that only its port leads to has no files for us."""
    first, second = tmp_path / "one", tmp_path / "two words"
    first.write_text("a: b\n\nlast without end")
    second.write_text("x\n")
    paths = (str(first), str(second), str(tmp_path / "none"))
    there, here = (Host(engine).texts(*paths) for engine in ("ssh://root@nas", "unix:///x"))

    assert here == {paths[0]: "a: b\n\nlast without end", paths[1]: "x\n"}
    assert {path: text.splitlines() for path, text in there.items()} == {
        path: text.splitlines() for path, text in here.items()
    }
    assert len(calls.read_text().splitlines()) == 1
    assert Host("ssh://root@nas").mounts()
    assert Host("tcp://nas:2376").mounts() is None
    assert "not reached over ssh" in str(Host("tcp://nas:2376").obstacle())


@pytest.mark.usefixtures("calls")
def test_the_disk_there_is_measured_as_the_one_here(tmp_path: Path) -> None:
    """By POSIX df, also for a path that is to be made; where nobody can look, nothing is said."""
    place = str(tmp_path / "not/yet")
    here, there = (Host(one).disk(place) for one in ("unix:///x", "ssh://root@nas"))

    assert here is not None
    assert there is not None
    assert there.total == here.total
    assert there.free == pytest.approx(here.free, rel=0.2)
    assert Host("tcp://nas:2376").disk(place) is None


def test_what_listens_behind_the_host_answers(calls: Path) -> None:
    """A container's own address, which only its host reaches."""
    connection = Host("ssh://root@nas").connection("172.18.0.5", 9696, 10.0)
    try:
        connection.request("GET", "/version")
        assert json.loads(connection.getresponse().read())["Version"] == "20.10"
    finally:
        connection.close()
    assert "-W 172.18.0.5:9696" in calls.read_text()
