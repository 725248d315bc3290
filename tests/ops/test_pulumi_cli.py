"""Pulumi's command line is started in one place, and left to end in its own way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tame_components.ops.errors import PulumiMissing
from tame_components.ops.pulumi_cli import PulumiCli, Said
from tests.harness.waiting import eventually


_SLOW = """#!/bin/sh
# Half a second of cleaning up after Ctrl-C, as the real one does before it unlocks the stack.
trap 'sleep 0.5; : > {folder}/unlocked; exit 1' INT
: > {folder}/started
while :; do sleep 0.05; done
"""


def _pulumi(folder: Path, text: str) -> None:
    (folder / "pulumi").write_text(text)
    (folder / "pulumi").chmod(0o755)


def test_ctrl_c_lets_pulumi_unlock_before_the_verb_ends(tmp_path: Path) -> None:
    """The terminal interrupts both; a Pulumi that is killed now would leave its lock behind."""
    _pulumi(tmp_path, _SLOW.format(folder=tmp_path))
    code = (
        "import sys; from pathlib import Path\n"
        "from tame_components.ops.pulumi_cli import PulumiCli\n"
        "try: PulumiCli(Path.cwd()).run('refresh')\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        start_new_session=True,
    )
    try:
        eventually((tmp_path / "started").exists, within=60)
        os.killpg(process.pid, signal.SIGINT)
        ended = process.wait(60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    assert ended == 130
    assert (tmp_path / "unlocked").exists()


def test_it_never_asks_and_gets_its_input_through_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--non-interactive` always; without input there is none, not the terminal's."""
    _pulumi(tmp_path, '#!/bin/sh\necho "$@"; cat\n')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    pulumi = PulumiCli(tmp_path)

    assert pulumi.run("up", given="secret").out == "up --non-interactive\nsecret"
    assert pulumi.run("up").out == "up --non-interactive\n"


def test_its_complaint_is_the_line_that_says_error() -> None:
    """Warnings about plugins come first and explain nothing."""
    warned = "warning: using pulumi-language-python from $PATH\nerror: no stack named 'x' found\n"

    assert Said(255, "", warned).why == "no stack named 'x' found"
    assert Said(1, "only this\n", "").why == "only this"
    assert Said(7, "", "").why == "exit code 7"


def test_no_pulumi_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TAME602 says where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PulumiMissing):
        PulumiCli(tmp_path).run("version")
