"""Good, bad, good: the stack ends on a proved release, with the rows that belong to it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from testbed.images import build
from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal


PIN = "lscr.io/linuxserver/prowlarr"
BAD, GOOD = "2.5.3.1-ls1", "2.5.4.1-ls1"


@pytest.fixture
def releases(engine: str) -> None:
    """A release that migrates its database and then fails, and one that is well."""
    build(engine, ["prowlarr"], tag=BAD, fault="migrates-then-fails")
    build(engine, ["prowlarr"], tag=GOOD)


def promote(stack: Rehearsal, *flags: str) -> tuple[int, str]:
    """`tame promote`: the exit code and everything it said."""
    done = stack.run("promote", stack.stack, "--yes", "--soak", "1", *flags, program="tame")
    return done.returncode, done.stdout


def tables(stack: Rehearsal) -> set[str]:
    """The tables of Prowlarr's database."""
    place = Path(stack.settings["config_root"]) / "prowlarr/prowlarr.db"
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as database:
        return {row[0] for row in database.execute("SELECT name FROM sqlite_master")}


def told(stack: Rehearsal) -> dict[str, Any]:
    """`tame promote --list`."""
    text = stack.run("promote", stack.stack, "--list", "--json", program="tame").stdout
    found: dict[str, Any] = json.loads(text[text.index("{") :])
    return found


@pytest.mark.usefixtures("releases")
def test_a_bad_release_is_taken_back_with_its_database_and_a_good_one_stays(make: Make) -> None:
    """The failed migration leaves no trace; the bad release is held; the next one is not."""
    stack = make("prowlarr", wait_timeout=120)
    made = stack.up()
    assert made.code == 0, made.text
    recorded = stack.run("promote", stack.stack, "--record", program="tame")
    assert recorded.returncode == 0, recorded.stdout
    first = told(stack)["current"]
    before = stack.container("prowlarr").attrs["Config"]["Image"]

    # All of it is waited for: the container is started again and again.
    stack.change(services={"prowlarr": {"image": f"{PIN}:{BAD}"}}, wait_timeout=15)
    code, text = promote(stack)
    assert code == 1, text
    assert "TAME855" in text, text
    assert stack.container("prowlarr").attrs["Config"]["Image"] == before
    assert stack.healths() == {"healthy"}
    assert "NextRelease" not in tables(stack)
    listed = told(stack)
    assert (listed["current"], len(listed["incidents"])) == (first, 1)
    assert "TAME854" in stack.up().text

    stack.change(services={"prowlarr": {"image": f"{PIN}:{GOOD}"}}, wait_timeout=120)
    code, text = promote(stack)
    assert code == 0, text
    assert stack.container("prowlarr").attrs["Config"]["Image"].endswith(GOOD)
    listed = told(stack)
    assert listed["held"] is None
    assert listed["current"] != first
