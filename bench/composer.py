"""Which `docker compose` is compared with."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.errors import ComposeMissing


MODULE = "github.com/docker/compose/v2"
RELEASE = "v2.40.3"


@dataclass(frozen=True, slots=True)
class Composer:
    """A `docker compose` that runs here."""

    command: tuple[str, ...]
    version: str

    @property
    def waits(self) -> bool:
        """Whether it knows `up --wait`; the old one written in Python does not."""
        return not self.version.startswith("1.")


def find(say: Callable[[str], None]) -> Composer:
    """Docker's plugin, else one on PATH, else one that is built of its Go module and kept.

    Raises:
        ComposeMissing: there is none, and none can be built.
    """
    found = installed()
    if found is not None:
        return found
    built = _cache() / "docker-compose"
    _build(built, say)
    return Composer((str(built),), _version((str(built),)))


def installed() -> Composer | None:
    """One that is there already; None where it would have to be built."""
    built = str(_cache() / "docker-compose")
    for command in (("docker", "compose"), (built,), ("docker-compose",)):
        version = _version(command)
        if version:
            return Composer(command, version)
    return None


def _version(command: tuple[str, ...]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    asked = [*command, "version", "--short"]
    done = subprocess.run(asked, text=True, capture_output=True, check=False)
    return done.stdout.strip().removeprefix("v") if done.returncode == 0 else ""


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root, "tame", "compose", RELEASE)


def _build(target: Path, say: Callable[[str], None]) -> None:
    if shutil.which("go") is None:
        raise ComposeMissing("it cannot be built either: Go is not installed")
    say(f"building docker compose {RELEASE} of its Go module (2 minutes, once)")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        source = Path(scratch, "source")
        # A copy: the modules' cache is read-only, and replace lines count in a main module alone.
        shutil.copytree(_download(Path(scratch)), source)
        flags = f"-s -w -X {MODULE}/internal.Version={RELEASE}"
        source.chmod(0o755)
        _go(["build", "-trimpath", "-ldflags", flags, "-o", f"{scratch}/made", "./cmd"], source)
        Path(scratch, "made").replace(target)


def _download(directory: Path) -> Path:
    facts = json.loads(_go(["mod", "download", "-json", f"{MODULE}@{RELEASE}"], directory))
    return Path(facts["Dir"])


def _go(arguments: list[str], directory: Path) -> str:
    done = subprocess.run(
        ["go", *arguments], cwd=directory, text=True, capture_output=True, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ComposeMissing(f"building it failed: `{' '.join(last)}`")
    return done.stdout
