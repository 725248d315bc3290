"""How `tame` behaves as a command: codes, streams, speed, manners."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tame


VERBS = ("init", "status", "graph", "open", "config", "doctor", "recover", "explain")
COMMAND = [sys.executable, "-c", "from tame_components.cli import main; main()"]


def test_help_imports_nothing_heavy() -> None:
    """Help is there at once: neither Pulumi nor Docker nor pydantic is loaded for it."""
    code = (
        "import sys\nfrom tame_components.cli.app import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'pulumi', 'docker', 'pydantic', 'rich', 'yaml', 'importlib.metadata'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert all(f"\n  {verb} " in done.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_loads_pulumi(verb: str) -> None:
    """Pulumi's SDK costs half a second, and no verb needs it."""
    module = "opening" if verb == "open" else verb
    code = f"import sys, tame_components.cli.{module}; print('pulumi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_an_error_is_words_a_hint_and_a_code(tame: Tame) -> None:
    """Standard error gets it, standard output nothing, and no stack trace is shown."""
    answer = tame("graph", "nope")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: no stack is called `nope`")
    assert "hint: " in answer.err
    assert "[TAME204]" in answer.err
    assert "Traceback" not in answer.err


def test_all_mistakes_of_a_settings_file_are_told(tame: Tame, project: Path) -> None:
    """One round of editing is enough."""
    file = project / "Pulumi.test.yaml"
    text = file.read_text().replace("environment: dev", "environment: moon")
    file.write_text(text + "  tame:timezne: Etc/UTC\n")

    answer = tame("graph")

    assert answer.code == 1
    assert "2 mistakes in `Pulumi.test.yaml`" in answer.err
    assert "did you mean `timezone`" in answer.err


def test_a_wrong_command_line_ends_with_2(tame: Tame) -> None:
    """Scripts can tell a slip of the pen from a failure."""
    assert tame("status", "--no-such-option").code == 2


def test_an_unreachable_engine_is_an_error(project: Path) -> None:
    """TAME501, not 3: nothing is known about the services."""
    # In a process of its own: Docker's library leaves the socket of a failed call to the collector.
    done = subprocess.run(
        [*COMMAND, "-C", str(project), "status"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "[TAME501]" in done.stderr


def test_a_closed_pipe_is_quiet(project: Path) -> None:
    """`tame explain radarr | head -1` complains about nothing."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "-C", str(project), "explain", "radarr"],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)

    assert done.stderr == ""


def test_ctrl_c_is_quiet(project: Path) -> None:
    """130, and not a word: the person knows what they typed."""
    code = (
        "import os, signal, tame_components.cli.graph as verb\n"
        "verb.run = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT) or signal.pause()\n"
        "from tame_components.cli import main; import sys; sys.argv = ['tame', 'graph']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=project
    )

    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")


def test_ctrl_c_is_quiet_while_the_command_still_loads(tmp_path: Path) -> None:
    """The first tenth of a second belongs to the imports; an interrupt there is no stack trace."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [*COMMAND, "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")


def test_graph_goes_to_standard_output_or_a_file(tame: Tame, project: Path) -> None:
    """Mermaid by default; the file's name decides where no format is given."""
    assert "flowchart LR" in tame("graph").out
    assert tame("graph", "--format", "svg").out.startswith("<svg ")
    assert tame("graph", "-o", "stack.svg").out == ""
    assert (project / "stack.svg").read_text().startswith("<svg ")
    assert "[TAME507]" in tame("graph", "-o", "no/such/folder.svg").err


def test_explain_works_without_a_project(tame: Tame, project: Path) -> None:
    """A code from somebody else's screen can be looked up anywhere."""
    (project / "Pulumi.yaml").unlink()

    answer = tame("explain", "TAME302", "--json")

    assert answer.code == 0
    assert json.loads(answer.out)["topic"] == "TAME302 WireUnreachable"


def test_open_prints_the_link_of_what_is_published(tame: Tame) -> None:
    """Nothing has to be forwarded, and no engine has to be asked."""
    assert tame("open", "plex").out == "http://127.0.0.1:32400\n"
    assert "[TAME301]" in tame("open", "nope").err
