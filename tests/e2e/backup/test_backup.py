"""Backup and restore of a stack that the real Pulumi deployed, and whose secrets it keeps."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.harness.waiting import eventually


COUNT = (
    "import sqlite3; one = sqlite3.connect('/config/radarr.db', timeout=20); "
    "print(one.execute('SELECT count(*) FROM Movies').fetchone()[0])"
)
ADD = (
    "import sqlite3; one = sqlite3.connect('/config/radarr.db', timeout=20); "
    "one.executemany('INSERT INTO Movies (Title, ForeignId) VALUES (?, ?)', "
    "[('film', {first} + n) for n in range({rows})]); one.commit()"
)


@pytest.mark.skipif(shutil.which("restic") is None, reason="no restic on PATH")
def test_what_was_backed_up_comes_back(make: Make) -> None:
    """Rows as they were, owned as before, and healthy; what was there is in quarantine.

    The password comes from the stack's root secret: nobody types one, and no log shows it.
    """
    stack = make("radarr")
    assert stack.up().code == 0
    stack.python("radarr", ADD.format(first=1, rows=30))
    backup = stack.run("backup", stack.stack, program="tame")
    stack.python("radarr", ADD.format(first=1000, rows=5))
    restore = stack.run("restore", "radarr", "--yes", program="tame")
    root = stack.run("config", "get", "tame:root_secret", "--stack", stack.stack).stdout.strip()
    log = Path(stack.settings["config_root"], ".snapshots/guardian.log")

    assert backup.returncode == 0, backup.stdout
    assert restore.returncode == 0, restore.stdout
    assert stack.python("radarr", COUNT) == "30"
    eventually(lambda: stack.healths() == {"healthy"}, within=120)
    assert "it is well" in restore.stdout
    quarantine = Path(restore.stdout.split("what was there: ")[1].splitlines()[0])
    assert (quarantine / "radarr.db").stat().st_size > 0
    database = Path(stack.settings["config_root"]) / "radarr/radarr.db"
    assert database.stat().st_uid == (quarantine / "radarr.db").stat().st_uid != 0
    assert root
    assert root not in backup.stdout + restore.stdout + log.read_text()
    assert stack.preview().changes == {}
