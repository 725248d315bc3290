"""What was rolled back is taken back in Git: the right commits, on a branch, with the evidence."""

from pathlib import Path

import pytest
import yaml

from tame_components.ops.errors import GitRefused
from tame_components.ops.promote import revert_page, reverting
from tame_components.ops.promote.errors import NothingToRevert
from tame_components.ops.promote.reverting import Revert
from tests.harness.pushing import git
from tests.harness.rolled_back import IMAGE, Home


def revert(home: Home) -> Revert:
    """Make the branch."""
    found = reverting.look(home.stack)
    assert found is not None
    return reverting.make(home.project, found, revert_page.message(found))


def on(home: Home, branch: str, name: str) -> str:
    """What the project's file *name* says on *branch*."""
    return home.git("show", f"{branch}:{(home.project / name).relative_to(home.root)}")


def image_on(home: Home, branch: str) -> str:
    """The image that *branch* asks for."""
    found: str = yaml.safe_load(on(home, branch, "Pulumi.test.yaml"))["config"]["tame:services"][
        "radarr"
    ]["image"]
    return found


@pytest.fixture(params=[".", "media/stack"])
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    """Radarr 1 runs; the project is the repository, or a directory in it."""
    repository = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(repository))
    one = Home(repository, tmp_path / "config", request.param)
    one.ask("1")
    one.runs()
    return one


def test_the_commit_of_a_held_release_is_taken_back_on_a_branch(home: Home) -> None:
    """The branch asks for what runs; the checkout, and what is not committed in it, stay."""
    bad = home.ask("2")
    home.goes_back()
    (home.project / "notes.txt").write_text("mine")

    made = revert(home)

    assert [one.id for one in made.commits] == [bad]
    assert image_on(home, made.branch) == IMAGE.format("1")
    assert made.settles
    assert home.git("rev-parse", "HEAD") == bad
    assert home.git("rev-parse", f"{made.branch}^") == bad
    assert home.git("status", "--porcelain").split() == [
        "??",
        str((home.project / "notes.txt").relative_to(home.root)),
    ]
    assert len(home.git("worktree", "list").splitlines()) == 1
    assert f"Takes back {bad}" in home.git("log", "-1", "--format=%B", made.branch)


def test_a_title_stays_short(home: Home) -> None:
    """GitHub refuses a longer one than 256 characters, and people read none."""
    home.ask("2")
    home.goes_back()
    found = reverting.look(home.stack)
    assert found is not None
    assert found.title == "Take back radarr 1 -> 2: test was rolled back"

    many = tuple(f"service-{number} 10.11.{number} -> 10.12.{number}" for number in range(30))
    short = found.model_copy(update={"changes": many}).title
    assert short.startswith("Take back service-0 10.11.0 -> 10.12.0 and 29 more")
    assert len(short) < 200


def test_twice_makes_one_branch(home: Home) -> None:
    """Whoever runs it again finds what is there."""
    home.ask("2")
    home.goes_back()
    first = revert(home)
    before = home.git("rev-parse", first.branch)

    again = revert(home)

    assert (again.branch, again.settles) == (first.branch, True)
    assert home.git("rev-parse", again.branch) == before


def test_a_merge_is_taken_back_whole(home: Home) -> None:
    """Everything that the pull request brought, and one commit for it."""
    bad = home.merge("2")
    home.goes_back()

    made = revert(home)

    assert [one.id for one in made.commits] == [bad]
    assert made.settles


def test_what_was_skipped_on_the_way_is_taken_back_and_texts_are_not(home: Home) -> None:
    """Pushes that no job deployed count, for the release is theirs too; texts shape none."""
    first = home.merge("2")
    (home.project / "README.md").write_text("words")
    home.commit("only words")
    last = home.ask("3")
    home.goes_back()

    made = revert(home)

    assert [one.id for one in made.commits] == [last, first]
    assert image_on(home, made.branch) == IMAGE.format("1")
    assert on(home, made.branch, "README.md") == "words"


def test_a_later_commit_that_asks_for_the_same_release_is_not_blamed(home: Home) -> None:
    """The hold knows which commit it was; a refused second try does not move it."""
    bad = home.ask("2")
    home.goes_back()
    (home.project / "more.txt").write_text("another thing")
    home.commit("another thing")

    made = revert(home)

    assert [one.id for one in made.commits] == [bad]
    assert on(home, made.branch, "more.txt") == "another thing"


def test_a_newer_pin_leaves_nothing_to_take_back(home: Home) -> None:
    """What is not asked for any more is nobody's fault any more; nor is what never failed."""
    assert reverting.look(home.stack) is None
    home.ask("2")
    home.goes_back()
    home.ask("3")

    assert reverting.look(home.stack) is None


def test_a_later_change_of_the_same_lines_is_said_and_nothing_is_left(home: Home) -> None:
    """No half branch, no second work tree."""
    home.ask("2")
    home.goes_back()
    file = home.project / "Pulumi.test.yaml"
    file.write_text(file.read_text().replace("radarr:2", "radarr:2 "))
    home.commit("spaces")

    with pytest.raises(GitRefused, match="revert"):
        revert(home)

    assert home.git("branch", "--list", "revert/*") == ""
    assert len(home.git("worktree", "list").splitlines()) == 1


def test_what_no_commit_brought_is_said(home: Home) -> None:
    """Files that were never committed, and a program that was not in Git at all."""
    home.write("2")
    home.goes_back()
    with pytest.raises(NothingToRevert, match="in no commit"):
        reverting.look(home.stack)

    held = home.places.held()
    assert held is not None
    home.places.hold(held.model_copy(update={"program": None}))
    with pytest.raises(NothingToRevert, match="no commit is noted"):
        reverting.look(home.stack)
    home.places.hold(held.model_copy(update={"program": "0" * 40}))
    with pytest.raises(NothingToRevert, match="`00000000` is not in this branch"):
        reverting.look(home.stack)


def test_the_page_shows_why_and_the_evidence_and_fits(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sees what failed and what runs; text of a check breaks no table."""
    bad = home.ask("2")
    home.goes_back()
    made = revert(home)

    page = revert_page.markdown(made)

    assert "> the gate says failed" in page
    assert "| radarr | 2 | 1 |" in page
    assert "it \\| refuted" in page
    assert "it \\| evidence" in page
    assert f"- {bad[:8]} radarr 2" in page
    assert "which runs already" in page
    assert '"schema_version": 1' in page

    monkeypatch.setattr(revert_page, "LIMIT", len(page) // 2)
    assert len(revert_page.markdown(made)) < len(page)
    assert "too long for this page" in revert_page.markdown(made)
