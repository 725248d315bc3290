"""Building the Pulumi CLI from its Go module (measured: 4 min on 2 cores, 3 GB for the while)."""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from ci.toolchain.errors import BuildFailed
from ci.toolchain.parts import CLI, version_of


_HERE: Final = Path(__file__).parent
_PACKAGE: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_MODULE: Final = "github.com/pulumi/pulumi/pkg/v3"
_VERSION_VARIABLE: Final = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_SAY_SECONDS: Final = 10.0
_LAST_LINES: Final = 15


def obstacle(environment: Mapping[str, str]) -> str | None:
    """Why nothing can be built here, or None if it can."""
    go = _go(environment)
    if go is None:
        return "it cannot be built: Go is not installed"
    needs = re.search(r"^go (\S+)$", (_HERE / "go.mod").read_text(), re.MULTILINE)
    wanted = needs[1] if needs else "0.0.0"
    has = _ask(go, "GOVERSION", environment)
    if version_of(has if has.count(".") > 1 else f"{has}.0") < version_of(wanted):
        return f"it cannot be built: Go is {has.removeprefix('go') or 'broken'}, not {wanted}"
    return None


def build(
    target: Path, version: str, environment: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Builds the CLI at *target*, which is there completely or not at all.

    Two builds of one machine wait for each other, and the second finds the first one's result.

    Raises:
        BuildFailed: Go says no.
    """
    store = target.parent.parent
    store.mkdir(parents=True, exist_ok=True)
    with _locked(store, say):
        if target.exists():
            return
        for leftover in store.glob(".build-*"):  # of a build that was killed
            _remove(leftover)
        work = Path(tempfile.mkdtemp(prefix=".build-", dir=store))
        try:
            _compile(work, version, environment, say)
            target.parent.mkdir(exist_ok=True)
            (work / CLI).replace(target)
        finally:
            _remove(work)


def command(version: str) -> list[str]:
    """`go build` and its arguments; run in a directory with this directory's go.mod and go.sum."""
    flags = f"-s -w -X {_VERSION_VARIABLE}={version}"  # without it, the SDK refuses the binary
    # -mod=mod: go.mod names one module and leaves the rest to go.sum.
    return ["go", "build", "-v", "-mod=mod", "-trimpath", "-ldflags", flags, "-o", CLI, _PACKAGE]


def variables(work: Path, version: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the build: caches of its own, unless Go's have the module already."""
    go = _go(environment)
    modules = Path(_ask(go, "GOMODCACHE", environment)) if go else work
    own = {
        "GOPATH": str(work / "go"),
        "GOMODCACHE": str(work / "go" / "pkg" / "mod"),
        "GOCACHE": str(work / "cache"),
    }
    cached = (modules / f"{_MODULE}@{version}").is_dir()
    return {
        **environment,
        **({} if cached else own),
        "CGO_ENABLED": "0",
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",  # so that the caches can be removed
    }


def _compile(
    work: Path, version: str, environment: Mapping[str, str], say: Callable[[str], None]
) -> None:
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(_HERE / name, work / name)
    say(f"building Pulumi {version} from its Go module (about 4 minutes, once per machine)")
    with subprocess.Popen(
        command(version),
        cwd=work,
        env=variables(work, version, environment),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None  # noqa: S101 - for the type checker: it is a pipe
            last = _follow(process.stderr, say)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise BuildFailed(last)


def _follow(lines: IO[str], say: Callable[[str], None]) -> str:
    """Tells what `go build -v` does, every 10 s; returns its last lines."""
    downloaded = compiled = 0
    told = time.monotonic()
    last: list[str] = []
    for line in lines:
        last = [*last[-_LAST_LINES:], line]
        if line.startswith("go: downloading"):
            downloaded += 1
        else:
            compiled += 1
        if time.monotonic() - told > _SAY_SECONDS:
            say(f"{downloaded} modules downloaded, {compiled} packages compiled")
            told = time.monotonic()
    return "".join(last)


@contextlib.contextmanager
def _locked(store: Path, say: Callable[[str], None]) -> Iterator[None]:
    with (store / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build of Pulumi runs on this machine; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)


def _go(environment: Mapping[str, str]) -> str | None:
    return shutil.which("go", path=environment.get("PATH", os.defpath))


def _ask(go: str, variable: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [go, "env", variable],
        env={**environment, "GOTOOLCHAIN": "local"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
