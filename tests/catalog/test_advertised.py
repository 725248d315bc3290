"""Plex's addresses: written by its seed, and never over what a person chose."""

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tame_components.catalog import app


LAN = "http://192.168.1.10:32400"
NAME = "https://plex.example.org:443"
OTHER = "https://elsewhere.example.org:443"
EXISTING = (
    '<?xml version="1.0" encoding="utf-8"?>\n<Preferences MachineIdentifier="1-2" '
    'OldcustomConnections="http://not.this.one:1" FriendlyName="Zoë &quot;&amp;&quot; Ken"{} '
    'PlexOnlineToken="s3cr3t"/>\n'
)
PROGRAMS = {"awk", "cat", "chown", "mkdir", "mv", "rm"}


@dataclass(frozen=True)
class Server:
    """A Plex before it starts: its files, and what its image has to run a seed with."""

    root: Path
    shell: Sequence[str]

    @property
    def file(self) -> Path:
        """Plex's own settings."""
        home = "config/Library/Application Support/Plex Media Server"
        return self.root / home / "Preferences.xml"

    def has(self, customs: str | None) -> None:
        """Let Plex have written its file before, with *customs* as its addresses."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        told = "" if customs is None else f' customConnections="{customs}"'
        self.file.write_text(EXISTING.format(told), "utf-8")

    def start(self, wanted: str | None, by: str = "topology") -> subprocess.CompletedProcess[str]:
        """Run the seed as linuxserver's init does, except for the root and the owner."""
        seed = app("plex").seed
        assert seed is not None
        script = self.root / "seed.sh"
        script.write_text(seed.script, "utf-8")
        told = {} if wanted is None else {"ADVERTISE_IP": wanted, "TAME_ADVERTISED_BY": by}
        environment = {
            "PATH": str(self.root / "bin"),
            "TAME_SEED_ROOT": str(self.root),
            "TAME_SEED_OWNER": f"{os.getuid()}:{os.getgid()}",
            **told,
        }
        return subprocess.run(
            [*self.shell, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    def after(self, wanted: str | None, by: str = "topology") -> str | None:
        """What Plex finds as its addresses after a seed that must succeed."""
        run = self.start(wanted, by)
        assert (run.returncode, run.stderr) == (0, "")
        return ET.parse(self.file).getroot().get("customConnections")  # noqa: S314 - written here


@pytest.fixture(params=[("bash",), ("busybox", "sh")], ids=["bash", "busybox"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """With only those programs on its PATH that the image is known to have."""
    shell: tuple[str, ...] = request.param
    found = shutil.which(shell[0])
    if found is None:
        pytest.skip(f"{shell[0]} is not installed here")
    assert set(app("plex").programs.names) >= PROGRAMS
    (tmp_path / "config").mkdir()
    (tmp_path / "bin").mkdir()
    for program in PROGRAMS:
        target = shutil.which("busybox") or shutil.which(program)
        assert target is not None
        (tmp_path / "bin" / program).symlink_to(target)
    return Server(tmp_path, (found, *shell[1:]))


def test_a_first_start_finds_its_addresses(server: Server) -> None:
    """Without a file there is a good one afterwards, for its owner's eyes only."""
    assert server.after(f"{NAME},{LAN}") == f"{NAME},{LAN}"
    assert stat.S_IMODE(server.file.stat().st_mode) == 0o600


def test_nothing_to_tell_makes_no_file(server: Server) -> None:
    """A stack on loopback leaves Plex to write its own first file."""
    assert server.start(None).returncode == 0
    assert not server.file.exists()


def test_the_rest_of_the_file_stays(server: Server) -> None:
    """Byte for byte, an attribute whose name only ends like ours included; a second run is idle."""
    server.has(None)

    assert server.after(NAME) == NAME
    text = server.file.read_text("utf-8")
    assert text.replace(f' customConnections="{NAME}"', "") == EXISTING.format("")
    inode = server.file.stat().st_ino
    assert server.after(NAME) == NAME
    assert server.file.stat().st_ino == inode


def test_what_tame_wrote_follows_the_stack(server: Server) -> None:
    """A new address replaces the one that TAME wrote; where none is left, none is told."""
    server.has(None)

    assert server.after(LAN) == LAN
    assert server.after(NAME) == NAME
    assert server.after(None) == ""


def test_what_a_person_wrote_stays(server: Server) -> None:
    """Before TAME came, and after: the log says so."""
    server.has(OTHER)
    assert server.after(LAN) == OTHER
    assert "stays" in server.start(LAN).stdout

    server.has(None)
    assert server.after(LAN) == LAN
    server.has(OTHER)
    assert server.after(NAME) == OTHER
    assert server.after(None) == OTHER


def test_the_settings_win_over_everybody(server: Server) -> None:
    """`advertise` is the newest word of a person; `advertise: []` is one too."""
    server.has(OTHER)
    assert server.after(NAME, by="settings") == NAME

    server.has(OTHER)
    assert server.after("", by="settings") == ""


def test_what_is_not_understood_is_left_alone(server: Server) -> None:
    """Half a file, or a list that would break it: an error in the log, and not one byte changed."""
    server.has(OTHER)
    run = server.start(f'{NAME}" PlexOnlineToken="theirs', by="settings")
    assert run.returncode != 0
    assert "no list of addresses" in run.stderr

    server.file.write_text("<Pref", "utf-8")
    run = server.start(NAME)
    assert run.returncode != 0
    assert "is no Preferences.xml" in run.stderr
    assert server.file.read_text("utf-8") == "<Pref"
