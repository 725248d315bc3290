"""What a toolchain consists of, and where a checkout and a machine keep theirs."""

import importlib.metadata
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final


CLI: Final = "pulumi"
LANGUAGE_HOST: Final = "pulumi-language-python"
STAND_INS: Final[Mapping[str, str]] = {
    LANGUAGE_HOST: "testbed.toolchain.language_host",
    "pulumi-resource-docker": "testbed.toolchain.docker_provider",
    "pulumi-resource-command": "testbed.toolchain.command_provider",
}
"""Plugin's executable: the module that stands in for it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of several possible programs serves as one part, and why."""

    part: str
    """The name of the executable."""
    used: str
    """`path`, `official`, `built` or `stand-in`."""
    version: str
    path: str
    """Of the executable, or the module of a stand-in."""
    why: str

    @property
    def stands_in(self) -> bool:
        """Whether this is one of ours in place of an official one."""
        return self.used == "stand-in"


@dataclass(frozen=True, slots=True)
class Places:
    """Every directory that the toolchain reads or writes."""

    root: Path
    """Of the checkout."""
    cache: Path
    """Machine-wide; may be deleted at any time."""

    @classmethod
    def of(cls, root: Path, environment: Mapping[str, str]) -> "Places":
        """The places of the checkout at *root*; the cache is `$XDG_CACHE_HOME/tame/toolchain`."""
        home = Path(environment.get("HOME") or Path.home())
        base = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
        return cls(root, base / "tame" / "toolchain")

    @property
    def local(self) -> Path:
        """What belongs to this checkout alone."""
        return self.root / ".tame"

    @property
    def bin(self) -> Path:
        """First on the path when `.tame/env` was read."""
        return self.local / "bin"

    @property
    def python(self) -> Path:
        """Runs the stand-ins."""
        return self.root / ".venv" / "bin" / "python"

    def built(self, version: str) -> Path:
        """Where the CLI of *version* lies that was built from the Go module."""
        return self.cache / version / CLI

    def official(self, version: str) -> Path:
        """Where the official release *version* is unpacked; the CLI is in its `bin`."""
        return self.cache / f"official-{version}"


def version_of(text: str) -> tuple[int, ...]:
    """The numbers of the first `1.2.3` in *text*; of none, nothing: lower than any version."""
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in match.groups()) if match else ()


def wanted_cli() -> str:
    """The version of the CLI to build, from go.mod, with its `v`; also the oldest accepted."""
    text = Path(__file__).with_name("go.mod").read_text()
    match = re.search(r"^require github.com/pulumi/pulumi/pkg/v3 (v\S+)$", text, re.MULTILINE)
    if match is None:
        message = "ci/toolchain/go.mod requires no github.com/pulumi/pulumi/pkg/v3"
        raise ValueError(message)
    return match[1]


def sdk_version(distribution: str) -> str:
    """The version of an installed Pulumi SDK, which its plugin or CLI must match."""
    return importlib.metadata.version(distribution)


def on_path(program: str, places: Places, path: str) -> Path | None:
    """*program* as *path* (in the form of `$PATH`) finds it, what TAME itself put there apart."""
    ours = places.bin.resolve()
    others = [d for d in path.split(os.pathsep) if d and Path(d).resolve() != ours]
    found = shutil.which(program, path=os.pathsep.join(others))
    # Another checkout's `.tame/bin` is no official plugin either.
    if found is None or Path(found).parent.parent.name == ".tame":
        return None
    return Path(found)
