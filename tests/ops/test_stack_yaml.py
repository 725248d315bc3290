"""A settings file says to `tame` what it says to Pulumi."""

import json
import subprocess
from pathlib import Path

import pytest

from tame_components.domain.settings_check import check_settings
from tame_components.ops import stack_yaml
from tests.harness.rehearsal import environment
from tests.harness.stacks import values


SAID = {
    "yes": "yes",
    "on": "on",
    "NO": "NO",
    "y": "y",
    "True": True,
    "false": False,
    "~": None,
    "null": None,
    "002": 2,
    "010": 8,
    "0o14": 12,
    "0x10": 16,
    "0b11": 3,
    "1_000": 1000,
    "+5": 5,
    "089": 89,
    "1e3": 1000,
    ".5": 0.5,
    "1.0": 1,
    "1:30": "1:30",
    "190:20:30": "190:20:30",
    "'002'": "002",
    "2099-12-31": "2099-12-31",
    "=": "=",
}
"""Recorded from Pulumi 3.255, `pulumi config --json`; it only appends a midnight to a day."""
MIDNIGHT = " 00:00:00 +0000 UTC"


@pytest.mark.parametrize("text", SAID)
def test_a_plain_word_is_what_pulumi_takes_it_for(text: str) -> None:
    """PyYAML alone reads YAML 1.1: `yes` would be true here and a text in the program."""
    assert stack_yaml.read(f"config: {text}") == {"config": SAID[text]}


@pytest.mark.parametrize("text", SAID)
def test_what_is_written_back_means_the_same(text: str) -> None:
    """A rollback writes settings anew; no value may change its kind on the way."""
    for once in ({"config": SAID[text]}, {"config": text}):
        assert stack_yaml.read(stack_yaml.text(once)) == once


@pytest.mark.parametrize("midnight", ["", MIDNIGHT])
def test_a_day_needs_no_quotes(midnight: str) -> None:
    """As `tame` reads it, and as Pulumi hands it to the program."""
    asked = {
        "rule": "not-backed-up",
        "service": "radarr",
        "owner": "sam",
        "reason": "it is only here for a week",
        "expires": f"2099-12-31{midnight}",
    }
    settings = check_settings("Pulumi.test.yaml", "test", values(exemptions=[asked]))

    assert settings.exemptions[0].expires == "2099-12-31"


@pytest.mark.e2e
def test_pulumi_reads_it_so(tmp_path: Path) -> None:
    """The table is asked of the real Pulumi."""
    (tmp_path / "Pulumi.yaml").write_text("name: words\nruntime: python\n")
    env = environment(tmp_path)

    def pulumi(*words: str) -> str:
        command = ["pulumi", "--non-interactive", *words, "--stack", "trial"]
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        ).stdout

    pulumi("stack", "init")
    file = tmp_path / "Pulumi.trial.yaml"
    lines = "\n".join(f"    k{number}: {text}" for number, text in enumerate(SAID))
    file.write_text(f"{file.read_text()}config:\n  words:all:\n{lines}\n")

    told = json.loads(pulumi("config", "--json"))

    found = told["words:all"]["objectValue"]
    for number, text in enumerate(SAID):
        value = found[f"k{number}"]
        plain = value.removesuffix(MIDNIGHT) if isinstance(value, str) else value
        assert (text, plain) == (text, SAID[text])
    assert found[f"k{list(SAID).index('2099-12-31')}"].endswith(MIDNIGHT)
