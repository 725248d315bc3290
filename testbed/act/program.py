"""Which `act` is used: the one on PATH, or one built from its Go module."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from testbed.act.errors import RunnerMissing
from testbed.engine.apt import can_install, install_packages


VERSION: Final = "v0.2.89"
_MODULE: Final = "github.com/nektos/act"
_HINT: Final = (
    f"install act (https://nektosact.com), or Go: with it `go install {_MODULE}@{VERSION}` is run"
)


def cache(environment: Mapping[str, str]) -> Path:
    """Where a built one lies; may be deleted at any time."""
    home = Path(environment.get("HOME") or Path.home())
    base = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "tame" / "act" / VERSION


def find(environment: Mapping[str, str]) -> Path | None:
    """An `act` that is here already, or None."""
    on_path = shutil.which("act", path=environment.get("PATH"))
    if on_path is not None:
        return Path(on_path)
    built = cache(environment) / "act"
    return built if built.exists() else None


def ensure(environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """An `act`; built if need be (40 s on 2 cores, measured).

    Raises:
        RunnerMissing: there is none, and none can be built.
    """
    found = find(environment)
    if found is not None:
        return found
    go = shutil.which("go", path=f"{environment.get('PATH', '')}:/usr/local/go/bin")
    if go is None:
        raise RunnerMissing("act", "it is not on PATH, and Go is not installed", _HINT)
    say(f"building act {VERSION} from its Go module (about 40 s)")
    place = cache(environment)
    done = subprocess.run(
        [go, "install", f"{_MODULE}@{VERSION}"],
        env={**environment, "GOBIN": str(place), "GOFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RunnerMissing("act", f"its build failed: {done.stderr.strip()[-400:]}", _HINT)
    return place / "act"


def require(program: str, package: str, say: Callable[[str], None]) -> Path:
    """A program of Debian's; installed if that can be done from here.

    Raises:
        RunnerMissing: it is not here and cannot be installed.
    """
    found = shutil.which(program, path=os.environ.get("PATH"))
    if found is None and can_install():
        say(f"installing {package}")
        failure = install_packages([package])
        if failure is not None:
            raise RunnerMissing(program, failure, f"install `{package}` and run this again")
        found = shutil.which(program)
    if found is None:
        raise RunnerMissing(
            program, "it is not on PATH", f"Debian and Ubuntu: `apt-get install {package}`"
        )
    return Path(found)
