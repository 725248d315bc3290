"""A stack with rows in it, promoted and rolled back from the command line."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.rehearsal import PATIENCE, Rehearsal
from tests.harness.waiting import eventually


ADD = (
    "import sqlite3; one = sqlite3.connect('/config/prowlarr.db', timeout=20); "
    "one.execute('INSERT INTO Indexers (Name) VALUES (?)', ('{name}',)); one.commit()"
)
MIGRATED = "NextRelease"
"""The table that a release with the fault `migrates-then-fails` makes."""


@dataclass(frozen=True)
class Done:
    """What a verb did."""

    code: int
    text: str
    seconds: float


@dataclass(frozen=True)
class Whole:
    """What runs, and what it has. Two equal ones differ in nothing that a person would miss."""

    image: str
    rows: frozenset[str]
    migrated: bool
    environment: frozenset[str]


@dataclass
class Running:
    """A verb that has not ended yet."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def read(self, *said: str) -> bool:
        """Read on until it has said all of that, in this order; False: it ended before."""
        assert self.process.stdout is not None
        for text in said:
            line = ""
            while text not in line:
                line = self.process.stdout.readline()
                if not line:
                    return False
                self.lines.append(line)
        return True

    def end(self, number: int | None = None) -> Done:
        """Send it the signal *number*, if any, and read the rest."""
        if number is not None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        if number == signal.SIGKILL:
            self.process.wait()  # what it started holds the pipe open
            self.process.stdout.close()
        else:
            self.lines += self.process.stdout.readlines()
            self.process.stdout.close()
            self.process.wait(PATIENCE)
        text = "".join(self.lines)
        return Done(self.process.returncode, text, time.monotonic() - self.begun)


@dataclass
class Prod:
    """One stack of Prowlarr."""

    stack: Rehearsal
    rows: int = 0

    @property
    def root(self) -> Path:
        """Where its services keep their state."""
        return Path(self.stack.settings["config_root"])

    @property
    def promotions(self) -> Path:
        """Records, journal and incidents."""
        return self.root / ".promotions" / self.stack.stack

    def deploy(self) -> None:
        """The first release: `up`, a row, and a record of it."""
        made = self.stack.up()
        assert made.code == 0, made.text
        self.add_row()
        recorded = self.run("promote", self.stack.stack, "--record")
        assert recorded.code == 0, recorded.text

    def ask(self, image: str, **settings: Any) -> None:
        """Make the settings ask for *image*; *settings* are the service's."""
        self.stack.change(services={"prowlarr": {"image": image, **settings}})

    def start(self, *arguments: str) -> Running:
        """A verb of `tame` in a session of its own."""
        return Running(
            subprocess.Popen(
                ["tame", *arguments],
                cwd=self.stack.project.directory,
                env=self.stack.env,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )

    def run(self, *arguments: str) -> Done:
        """A verb of `tame`, to its end."""
        return self.start(*arguments).end()

    def start_promotion(self, soak: int = 1) -> Running:
        """`tame promote`, without asking, and not waited for."""
        return self.start("promote", self.stack.stack, "--yes", "--soak", str(soak))

    def promote(self, soak: int = 1) -> Done:
        """The same, to its end."""
        return self.start_promotion(soak).end()

    def roll_back(self, *words: str) -> Done:
        """`tame rollback`, without asking."""
        return self.run("rollback", self.stack.stack, "--yes", *words)

    def until(self, phase: str, running: Running, within: float = 120) -> None:
        """Wait until the journal says *phase*, or *running* has ended."""
        eventually(
            lambda: self.phase() == phase or running.process.poll() is not None,
            within=within,
            every=0.02,
        )

    def phase(self) -> str:
        """How far the promotion has come; empty: none is at work, or was interrupted."""
        try:
            told = json.loads((self.promotions / "journal.json").read_text())
        except OSError:
            return ""
        return str(told["phase"])

    def add_row(self) -> str:
        """The application writes something that nobody wants to lose."""
        self.rows += 1
        name = f"indexer-{self.rows}"
        self.stack.python("prowlarr", ADD.format(name=name))
        return name

    def whole(self) -> Whole:
        """What runs, healthy, and what it has."""
        assert self.phase() == ""
        eventually(lambda: self.stack.healths() == {"healthy"}, within=30)
        facts = self.stack.container("prowlarr").attrs["Config"]
        place = self.root / "prowlarr/prowlarr.db"
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=20)) as database:
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
            rows = frozenset(row[0] for row in database.execute('SELECT "Name" FROM "Indexers"'))
        return Whole(
            image=facts["Image"],
            rows=rows,
            migrated=MIGRATED in tables,
            environment=frozenset(one for one in facts["Env"] if one.startswith("REHEARSED=")),
        )

    def releases(self) -> dict[str, Any]:
        """`tame promote --list --json`."""
        done = self.stack.run("promote", self.stack.stack, "--list", "--json", program="tame")
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
        return found

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """What was written down of `incidents` or `refusals`, the oldest first."""
        files = sorted(self.promotions.glob(f"{kind}/*.json"))
        return [json.loads(one.read_text()) for one in files]

    def kill_everything_of(self, running: Running) -> Done:
        """SIGKILL to *running* and to the Pulumi that it started, as a power cut would."""
        children = [
            int(one.name)
            for one in Path("/proc").iterdir()
            if one.name.isdigit() and _parent(one) == running.process.pid
        ]
        done = running.end(signal.SIGKILL)
        for child in children:
            if Path(f"/proc/{child}").exists() and os.getpgid(child) == child:
                os.killpg(child, signal.SIGKILL)
        return done


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0
