"""`tame init` makes a project that the other verbs can read."""

from pathlib import Path

from tests.cli.conftest import Tame


def test_a_new_project_can_be_looked_at(tame: Tame, project: Path) -> None:
    """Both stacks compose from the files as they were written."""
    assert tame("init", "new").code == 0

    for stack in ("sandbox", "prod"):
        assert "flowchart" in tame("-C", "new", "graph", stack).out
    assert (project / "new" / "stacks" / "media.py").is_file()
    assert (project / "new" / "policies" / "PulumiPolicy.yaml").is_file()
    assert not (project / "new" / "Pulumi.dev.yaml").exists()


def test_running_it_again_changes_nothing(tame: Tame, project: Path) -> None:
    """The same files are no conflict."""
    tame("init", "new")
    before = {file: file.stat().st_size for file in (project / "new").rglob("*")}

    assert tame("init", "new").code == 0
    assert {file: file.stat().st_size for file in (project / "new").rglob("*")} == before


def test_files_of_somebody_else_stop_it(tame: Tame, project: Path) -> None:
    """TAME206 names them, and nothing was written."""
    (project / "new").mkdir()
    (project / "new" / "Pulumi.yaml").write_text("name: mine\n")

    answer = tame("init", "new")

    assert answer.code == 1
    assert "`Pulumi.yaml`" in answer.err
    assert [file.name for file in (project / "new").iterdir()] == ["Pulumi.yaml"]


def test_a_place_that_cannot_be_written_is_an_error_of_ours(tame: Tame, project: Path) -> None:
    """TAME507 instead of a stack trace."""
    (project / "file").touch()

    assert "[TAME507]" in tame("init", "file/new").err
