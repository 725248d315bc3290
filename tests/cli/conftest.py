"""A project in an empty directory, and the command line called in this process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tame_components import cli
from tests.harness.stacks import values


@dataclass(frozen=True)
class Answer:
    """What a call of `tame` did."""

    code: int
    out: str
    err: str


Tame = Callable[..., Answer]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the stack `test`."""
    (tmp_path / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    config = {f"tame:{key}": value for key, value in values().items()}
    (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
    return tmp_path


@pytest.fixture
def tame(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path
) -> Tame:
    """Calls `tame` in *project*."""

    def call(*arguments: str) -> Answer:
        monkeypatch.chdir(project)
        monkeypatch.setattr(sys, "argv", ["tame", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return call
