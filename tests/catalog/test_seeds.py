"""The seed scripts, run outside a container on a root of their own, with the image's programs."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tame_components.catalog import app


KEY = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
HASH = "@ByteArray(ARQ77eY1NUZaQsuDHbIMCA==:0WMRkYTUWVT9wVvdDtHAjU9b3b7uB8NR1Gur2hmQCvC/+==)"
PASSWORD = "dGFtZS1pcy1hLXdvcmQ_-abc"  # noqa: S105 - made up for this test


@dataclass(frozen=True)
class Seeded:
    """An application's seed, and the root that it works on."""

    name: str
    root: Path
    shell: tuple[str, ...]
    programs: Path

    @property
    def file(self) -> Path:
        """The file that the seed writes."""
        return self.root / "config" / FILES[self.name]

    def write(self, text: str) -> None:
        """Let the application have written *text* before."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text, "utf-8")

    def secret(self, name: str, value: str) -> None:
        """Put the secret where the container has it."""
        folder = self.root / "run/secrets"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(value, "utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script as linuxserver's init does, except for the root and the owner."""
        seed = app(self.name).seed
        assert seed is not None
        script = self.root / "seed.sh"
        script.write_text(seed.script, "utf-8")
        environment = {
            "PATH": str(self.programs),
            "TAME_SEED_ROOT": str(self.root),
            "TAME_SEED_OWNER": f"{os.getuid()}:{os.getgid()}",
        }
        return subprocess.run(
            [*self.shell, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def result(self) -> str:
        """The file after a run that must succeed, silently."""
        run = self.run()
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        return self.file.read_text("utf-8")


FILES = {
    "qbittorrent": "qBittorrent/qBittorrent.conf",
    "sabnzbd": "sabnzbd.ini",
    "bazarr": "config/config.yaml",
    "overseerr": "settings.json",
}

EXISTING = {
    "qbittorrent": (
        "[BitTorrent]\nSession\\DefaultSavePath=/data/elsewhere\nSession\\Port=6881\n\n"
        '[Meta]\nMigrationVersion=8\n\n[Preferences]\nWebUI\\Password_PBKDF2="@ByteArray(old)"\n'
        "WebUI\\Port=8080\nDownloads\\SavePath=/downloads/\nName=Zoë\\x20\n\n[RSS]\nsmart=true\n"
    ),
    "sabnzbd": (
        "__version__ = 19\n__encoding__ = utf-8\n[misc]\nhost = ::\napi_key = " + OTHER + "\n"
        'download_dir = Downloads/incomplete\ncomplete_dir = /data/elsewhere\nemail = ""\n'
        "[servers]\n[[news]]\npassword = theirs\napi_key = theirs\n"
        '[categories]\n[[tv]]\ndir = tv\npriority = ""\n'
    ),
    "bazarr": (
        "---\nanalytics:\n  enabled: true\nauth:\n  apikey: " + OTHER + "\n  password: ''\n"
        "  type: null\n  username: ''\nsonarr:\n  apikey: theirs\n  ip: sonarr\n"
    ),
    "overseerr": (
        '{\n "clientId": "1",\n "main": {\n  "apiKey": "b2xk",\n  "locale": "en"\n },\n'
        ' "sonarr": [\n  {\n   "apiKey": "theirs"\n  }\n ]\n}'
    ),
}
"""What the applications themselves write, with an old secret and with others' settings."""


def _shells() -> list[tuple[str, ...]]:
    """Bash is what linuxserver runs the script with; the stand-ins have busybox."""
    found = [("bash",), ("busybox", "sh")]
    return [(path, *shell[1:]) for shell in found if (path := shutil.which(shell[0])) is not None]


@pytest.fixture(params=_shells(), ids=lambda shell: Path(shell[0]).name)
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Each shell of this machine that a container may run the script with."""
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture(params=sorted(FILES))
def seeded(request: pytest.FixtureRequest, tmp_path: Path, shell: tuple[str, ...]) -> Seeded:
    """A seed with its secrets in place, and on its PATH only what the image is known to have."""
    name: str = request.param
    programs = tmp_path / "bin"
    programs.mkdir()
    busybox = shutil.which("busybox")
    known = set(app(name).programs.names)
    for program in sorted(known & {"awk", "cat", "chown", "cmp", "mkdir", "mv", "rm", "sed"}):
        target = busybox or shutil.which(program)
        assert target is not None
        (programs / program).symlink_to(target)
    one = Seeded(name=name, root=tmp_path / "root", shell=shell, programs=programs)
    (one.root / "config").mkdir(parents=True)
    one.secret("api-key", KEY)
    one.secret("password", HASH if name == "qbittorrent" else PASSWORD)
    return one


WANTED = {
    "qbittorrent": [f'WebUI\\Password_PBKDF2="{HASH}"', "WebUI\\LocalHostAuth=false"],
    "sabnzbd": [f"api_key = {KEY}", f"password = {PASSWORD}", "username = admin"],
    "bazarr": [f"  apikey: '{KEY}'"],
    "overseerr": [f'  "apiKey": "{KEY}"'],
}


def test_a_first_start_finds_its_secrets(seeded: Seeded) -> None:
    """Without a file there is one afterwards, with the secret, readable by its owner only."""
    lines = seeded.result().splitlines()

    assert set(WANTED[seeded.name]) <= set(lines)
    assert stat.S_IMODE(seeded.file.stat().st_mode) == 0o600
    assert [path.name for path in seeded.file.parent.iterdir()] == [seeded.file.name]


def test_a_changed_secret_replaces_the_old_one_and_nothing_else(seeded: Seeded) -> None:
    """Every other line stays as it was, in its order; the same key elsewhere is not ours."""
    before = EXISTING[seeded.name]
    seeded.write(before)
    after = seeded.result().splitlines()

    mine = {line.strip().rstrip(",") for line in WANTED[seeded.name]}
    assert mine <= {line.strip().rstrip(",") for line in after}
    untouched = [line for line in before.splitlines() if line in after]
    changed = [line for line in before.splitlines() if line not in after]
    assert untouched == [line for line in after if line in set(before.splitlines())]
    assert len(changed) == len(CHANGED[seeded.name])
    for line, part in zip(changed, CHANGED[seeded.name], strict=True):
        assert part in line


CHANGED = {
    "qbittorrent": ["@ByteArray(old)", "Downloads\\SavePath=/downloads/"],
    "sabnzbd": [f"api_key = {OTHER}", "Downloads/incomplete"],
    "bazarr": [f"apikey: {OTHER}"],
    "overseerr": ['"apiKey": "b2xk"'],
}
"""The only lines of EXISTING that may go."""


@pytest.mark.parametrize("start", ["absent", "existing"])
def test_a_second_run_changes_nothing(seeded: Seeded, start: str) -> None:
    """Each start runs the seed: the same bytes, and not even a new file, come of it."""
    if start == "existing":
        seeded.write(EXISTING[seeded.name])
    first = seeded.result()
    inode = seeded.file.stat().st_ino

    assert seeded.result() == first
    assert seeded.file.stat().st_ino == inode


def test_a_rotated_secret_arrives_at_the_next_start(seeded: Seeded) -> None:
    """Rotation is a new file under /run/secrets and a restart."""
    seeded.result()
    seeded.secret("api-key", OTHER)
    seeded.secret("password", "@ByteArray(bmV3:bmV3)" if seeded.name == "qbittorrent" else "new")
    after = seeded.result()

    assert KEY not in after
    assert HASH not in after
    assert PASSWORD not in after


def test_without_its_secret_a_seed_fails_and_leaves_the_file(seeded: Seeded) -> None:
    """A missing secret is an error in the log, never an empty key in the file."""
    seeded.write(EXISTING[seeded.name])
    shutil.rmtree(seeded.root / "run/secrets")

    assert seeded.run().returncode != 0
    assert seeded.file.read_text("utf-8") == EXISTING[seeded.name]


def test_what_an_interrupted_run_left_does_no_harm(seeded: Seeded) -> None:
    """Half a file beside the real one is never taken for it."""
    seeded.write(EXISTING[seeded.name])
    (seeded.file.parent / f"{seeded.file.name}.seed").write_text("half", "utf-8")
    (seeded.file.parent / f"{seeded.file.name}.seed.next").write_text("half", "utf-8")

    assert "half" not in seeded.result()


@pytest.mark.parametrize("seeded", ["bazarr"], indirect=True)
def test_bazarr_leaves_its_own_spelling_alone(seeded: Seeded) -> None:
    """Bazarr writes the key without quotes: that is the same key, not a change."""
    own = EXISTING["bazarr"].replace(OTHER, KEY)
    seeded.write(own)

    assert seeded.result() == own


@pytest.mark.parametrize("seeded", ["qbittorrent", "sabnzbd"], indirect=True)
def test_nothing_lands_outside_the_data_tree(seeded: Seeded) -> None:
    """The images' own download folders are not in the tree; TRaSH's layout is recognised."""
    for folder in ("torrents", "usenet"):
        (seeded.root / "data" / folder).mkdir(parents=True)
    text = seeded.result()

    assert "/data/torrents" in text or "/data/usenet" in text
    assert "/data/downloads" not in text


def test_an_empty_secret_is_refused(seeded: Seeded) -> None:
    """An empty file is a mistake of the deployment, not a wish for no password."""
    seeded.write(EXISTING[seeded.name])
    for name in ("api-key", "password"):
        seeded.secret(name, "")
    run = seeded.run()

    assert run.returncode != 0
    assert "the secret is empty" in run.stderr
    assert seeded.file.read_text("utf-8") == EXISTING[seeded.name]
