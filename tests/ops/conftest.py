"""Another machine, played by this one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


Breaks = Callable[[str], None]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Breaks:
    """`ssh` that runs its command here; a call breaks the connection for commands with a word."""
    program, faults = tmp_path / "bin" / "ssh", tmp_path / "faults"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'while read -r fault; do case "$*" in *"$fault"*) echo "lost" >&2; exit 255 ;; esac; '
        f"done <{faults}\n"
        'case "$*" in *" -W "*) echo "refused" >&2; exit 255 ;; esac\n'
        'while [ "$1" != -- ]; do shift; done; shift 2; exec sh -c "$*"\n'
    )
    program.chmod(0o755)
    faults.touch()
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    def for_commands_with(word: str) -> None:
        faults.write_text(f"{word}\n")

    return for_commands_with
