"""`tame config` lists, asks and stores, and never shows a secret."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Tame


PULUMI = """#!/bin/sh
# Records what a real `pulumi config set` would see: arguments in one file, input in another.
echo "$@" >> {folder}/arguments
cat >> {folder}/input
[ ! -e {folder}/refuse ] || {{ echo "error: no stack named 'test' found" >&2; exit 255; }}
"""


@pytest.fixture
def pulumi(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the `pulumi` on PATH was told."""
    folder = tmp_path_factory.mktemp("pulumi")
    program = folder / "pulumi"
    program.write_text(PULUMI.format(folder=folder))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answering:
        def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr("tame_components.ops.missing.connect", lambda _host: Answering())


def test_what_is_missing_is_listed_and_ends_with_3(tame: Tame) -> None:
    """Each thing comes with the command that supplies it."""
    answer = tame("config")

    assert answer.code == 3
    assert "1. tame:root_secret" in answer.out
    assert "'tame:secrets.gluetun.wireguard_private_key' -s test" in answer.out


def test_machines_get_the_same_list(tame: Tame) -> None:
    """A script can ask before it deploys."""
    found = json.loads(tame("config", "--json").out)

    assert (found["version"], found["stack"]) == (1, "test")
    assert found["missing"][0]["key"] == "tame:root_secret"
    assert found["missing"][0]["can_generate"] is True


def test_a_generated_secret_travels_through_a_pipe_only(tame: Tame, pulumi: Path) -> None:
    """Arguments are visible to every user of the machine; screens are seen by others."""
    answer = tame("config", "--generate")

    secret = (pulumi / "input").read_text()
    arguments = (pulumi / "arguments").read_text()
    assert len(secret) >= 32
    assert "--secret --path tame:root_secret" in arguments
    assert secret not in arguments + answer.out + answer.err


def test_each_generated_secret_is_new(tame: Tame, pulumi: Path) -> None:
    """Two stacks never share a root by accident."""
    tame("config", "--generate")
    first = (pulumi / "input").read_text()
    tame("config", "--generate")

    assert (pulumi / "input").read_text() != first * 2


def test_pulumi_s_refusal_is_told(tame: Tame, pulumi: Path) -> None:
    """TAME603 with Pulumi's own reason, and without the value."""
    (pulumi / "refuse").touch()

    answer = tame("config", "--generate")

    assert answer.code == 1
    assert "no stack named 'test' found" in answer.err
    assert "[TAME603]" in answer.err
    assert (pulumi / "input").read_text() not in answer.err


def test_no_pulumi_is_told(tame: Tame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TAME602 says where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "[TAME602]" in tame("config", "--generate").err
