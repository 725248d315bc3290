"""A host in a directory, and the shells that prepare it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.topology import Topology
from tests.harness import stacks


SHELLS = [["sh"], ["busybox", "sh"], ["bash", "--posix"]]
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="gives directories to others: root")


@pytest.fixture(params=SHELLS, ids=lambda shell: shell[0])
def shell(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    if not shutil.which(found[0]):
        pytest.skip(f"needs `{found[0]}`")
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "the data"
    root.mkdir()
    (root / ".tame-data-root").touch()
    return root


def topology(data: Path, **preparation: Any) -> Topology:
    return stacks.only(
        "radarr",
        "sonarr",
        vpn=None,
        data={"root": str(data)},
        config_root=str(data.parent / "config"),
        preparation=preparation,
        engine="unix:///var/run/docker.sock",
    )


def run(shell: list[str], script: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PATH": path} if path else {})}
    program = shutil.which(shell[0]) or shell[0]
    command = [program, *shell[1:], "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def programs(folder: Path, *, without: str = "", **ours: str) -> str:
    """A PATH with the programs that the scripts use, *ours* among them, and no others."""
    names = "awk basename bash busybox cat chgrp chmod chown cp cut dirname grep jq mkdir mv"
    names += " printf python3 rm rmdir sed setfacl sh tr"
    folder.mkdir(exist_ok=True)
    for name in set(names.split()) - set(without.split()) - set(ours):
        if found := sys.executable if name == "python3" else shutil.which(name):
            (folder / name).symlink_to(found)
    for name, text in ours.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)
