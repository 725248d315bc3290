"""The engine behind `ssh`: what is decided there, and what a connection that breaks may decide."""

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tame_components.domain.analysis import Verdict
from tame_components.domain.app import Database
from tame_components.ops.gate import databases, exposure, health, readiness, tunnel, versions
from tame_components.ops.gate.model import Check
from tame_components.ops.gate.run import examine
from tame_components.ops.host import Host
from tests.harness import stacks
from tests.ops.conftest import Breaks
from tests.ops.gate.scenes import FakeEngine, container, scene


FAR = "ssh://root@far"
CONFIG = next(one for one in readiness.CHECKS if one.name == "ready-config")
ANSWERS = next(one for one in versions.CHECKS if one.name == "answers")


class _Engine(FakeEngine):
    """Its container's first process is this one."""

    @override
    def inspect_container(self, container: str) -> dict[str, Any]:
        found = super().inspect_container(container)
        found["State"]["Pid"] = os.getpid()
        return found


def _verdict(check: Check, **settings: Any) -> Verdict:
    """What the gate makes of *check* for a stack behind `ssh`."""
    topology = stacks.only("radarr", **{"engine": FAR, **settings})
    looked = scene(topology, _Engine([_running()]))
    return examine(looked, lambda _: None, [check]).checks[0].verdict


def _running() -> dict[str, Any]:
    networks = {"test-net": {"IPAddress": "192.0.2.9"}}
    return container("radarr", NetworkSettings={"Networks": networks})


class _Reborn(_Engine):
    """Between two looks its application begins to listen anew."""

    def __init__(self, place: socket.socket) -> None:
        super().__init__([_running()])
        self.place, self.looks = place, 0

    @override
    def inspect_container(self, container: str) -> dict[str, Any]:
        self.looks += 1
        if self.looks > 1:
            port = self.place.getsockname()[1]
            self.place.close()
            self.place = socket.create_server(("127.0.0.1", port))
        return super().inspect_container(container)


def test_an_application_that_is_started_again_is_noticed_there_too(
    broken: Breaks,
) -> None:
    """By its sockets, read from the other machine's kernel; without that nothing is claimed."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
        engine = _Reborn(place)
        topology = stacks.only("radarr", engine=FAR)
        (service,) = topology.services
        app = service.app.model_copy(
            update={"ports": (service.app.ports[0].model_copy(update={"number": port}),)}
        )
        moved = topology.model_copy(update={"services": (service.model_copy(update={"app": app}),)})
        try:
            found = health.CHECK.run(scene(moved, engine))
        finally:
            engine.place.close()

    assert (found.verdict, found.said) == (
        Verdict.FAILED,
        "`radarr` was restarted inside its container",
    )
    broken("/net/tcp")
    assert _verdict(health.CHECK) is Verdict.INCONCLUSIVE


def test_what_the_config_lies_on_is_known_there_or_not_at_all(
    broken: Breaks,
) -> None:
    """A table that could not be read is no proof of a local disk."""
    assert _verdict(CONFIG) is Verdict.PASSED
    broken("mountinfo")
    assert _verdict(CONFIG) is Verdict.INCONCLUSIVE
    assert _verdict(CONFIG, engine="tcp://far:2376") is Verdict.INCONCLUSIVE


def test_a_connection_that_breaks_is_no_fault_of_a_database(broken: Breaks, tmp_path: Path) -> None:
    """Neither where it is looked for, nor while it is copied; a garbage page still is."""
    place = tmp_path / "radarr" / "radarr.db"
    place.parent.mkdir()
    with closing(sqlite3.connect(place)) as database:
        for table in ("Movies", "MovieFiles", "History", "Config"):
            database.execute(f"CREATE TABLE {table} (x TEXT)")
        database.commit()
    settings = {"config_root": str(tmp_path)}
    if os.geteuid() == 0:
        assert _verdict(databases.CHECK, **settings) is Verdict.PASSED
    for word in ("test -e", "copy"):
        broken(word)
        assert _verdict(databases.CHECK, **settings) is Verdict.INCONCLUSIVE


def _garbage(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[4096 : 4096 * 3] = b"\xaa" * 8192
    place.write_bytes(content)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda _: None, None),
        (_garbage, "malformed"),
        (lambda place: place.write_bytes(b""), "lacks Movies"),
        (lambda place: place.write_bytes(b"no database at all, but some text"), "not a database"),
        (lambda place: place.unlink(), "No such file"),
    ],
    ids=["sound", "garbage", "empty", "text", "gone"],
)
def test_a_database_gets_the_same_answer_there(
    tmp_path: Path, spoil: Callable[[Path], object], fault: str | None
) -> None:
    """Copied in one go by a program of ours: with its journal, and with orderings of Plex."""
    place = tmp_path / "radarr.db"
    fact = Database(path="radarr.db", tables=("Movies",))
    with closing(sqlite3.connect(place)) as database:
        database.create_collation("icu_root", lambda one, other: (one > other) - (one < other))
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE Movies (x TEXT COLLATE icu_root)")
        database.execute("CREATE INDEX by_x ON Movies (x)")
        database.executemany("INSERT INTO Movies VALUES (?)", [("x" * 900,)] * 40)
        database.commit()
    spoil(place)
    here, there = (databases._look(place, fact, Host(one)) for one in ("unix:///x", FAR))

    assert here[1] == there[1]
    assert (here[0] is None, there[0] is None) == (fault is None, fault is None)
    if fault:
        assert fault in str(here[0])
        assert fault in str(there[0])
    else:
        assert there[1]["rows"] == {"Movies": 40}
    assert list(tmp_path.glob("radarr.db-*")) == []


def test_a_connection_that_breaks_is_no_application_that_does_not_answer(
    broken: Breaks,
) -> None:
    """A refused connection there is the application's; a lost one is nobody's."""
    assert _verdict(ANSWERS) is Verdict.FAILED
    broken(" true")
    assert _verdict(ANSWERS) is Verdict.INCONCLUSIVE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into namespaces")
def test_a_connection_that_breaks_is_no_leak_and_no_hole(broken: Breaks) -> None:
    """Whichever step of a look breaks."""
    topology = stacks.topology(
        engine=FAR, services={"gluetun": {}, "qbittorrent": {}}, vpn=stacks.VPN
    )
    engine = _Engine([container("gluetun"), container("qbittorrent")])
    for check, word in (
        (tunnel.CHECK, "readlink"),
        (tunnel.CHECK, " leak "),
        (exposure.CHECK, " reach "),
        (exposure.CHECK, "ip link add"),
    ):
        broken(word)
        record = examine(scene(topology, engine), lambda _: None, [check])
        assert record.checks[0].verdict is Verdict.INCONCLUSIVE, word
