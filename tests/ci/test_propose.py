"""A branch becomes one pull request, whatever was interrupted before, and no token is kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness.pushing import MISSING, TOKEN, Checkout, Run, git


ROOT = Path(__file__).parents[2]
BRANCH = "pins/radarr-9.9.9.9-ls1"
pytestmark = pytest.mark.skipif(MISSING, reason="gh, or Git, is not installed here")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """One with a branch that nobody has pushed."""
    made = Checkout(tmp_path)
    made.git("switch", "--quiet", "--create", BRANCH)
    made.commit("second")
    made.git("switch", "--quiet", "trunk")
    return made


@pytest.fixture
def body(tmp_path: Path) -> Path:
    """The text of the pull request."""
    file = tmp_path / "body.md"
    file.write_text("What moves: @this `text`, as it is.\n")
    return file


@contextmanager
def proposing(checkout: Checkout, **hosting: Any) -> Iterator[Run]:
    """`ci/propose` in the clone."""
    with checkout.running(ROOT / "ci/propose", **hosting) as run:
        yield run


def words(body: Path) -> tuple[str, str, str]:
    """What it is called with."""
    return BRANCH, "Radarr 9", str(body)


def test_a_branch_becomes_one_pull_request(checkout: Checkout, body: Path) -> None:
    """It is pushed and proposed once; the second run says what is there, and changes nothing."""
    with proposing(checkout) as propose:
        first, second = propose(*words(body)), propose(*words(body))

    (made,) = checkout.pulls
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert checkout.pushed(BRANCH)
    assert (made["head"]["ref"], made["base"]["ref"]) == (BRANCH, "trunk")  # origin's default
    assert (made["title"], made["body"]) == ("Radarr 9", body.read_text())
    assert made["html_url"] in first.stdout
    assert "already" in second.stdout
    assert made["html_url"] in second.stdout


def test_a_run_that_was_cut_off_after_the_push_is_carried_on(
    checkout: Checkout, body: Path
) -> None:
    """The branch is there without its pull request, and perhaps on origin alone."""
    checkout.git("push", "--quiet", "origin", BRANCH)
    checkout.git("branch", "--quiet", "-D", BRANCH)
    before = git(checkout.origin, "rev-parse", BRANCH)
    with proposing(checkout) as propose:
        done = propose(*words(body), "trunk")

    assert done.returncode == 0, done.stderr
    assert len(checkout.pulls) == 1
    assert git(checkout.origin, "rev-parse", BRANCH) == before


def test_what_a_person_closed_stays_closed(checkout: Checkout, body: Path) -> None:
    """Somebody said no, and removed the branch: it does not come back."""
    with proposing(checkout) as propose:
        propose(*words(body))
        kept = [{**one, "state": "closed"} for one in checkout.pulls]
        checkout.kept.write_text(json.dumps(kept))
        git(checkout.origin, "branch", "-D", BRANCH)
        done = propose(*words(body))

    assert (done.returncode, "closed" in done.stdout) == (0, True)
    assert checkout.pulls == kept
    assert not checkout.pushed(BRANCH)


def test_the_base_is_where_the_job_runs(checkout: Checkout, body: Path) -> None:
    """A job names its branch; a fourth word is stronger."""
    for name in ("next", "other"):
        checkout.git("push", "--quiet", "origin", f"trunk:{name}")
    checkout.git("branch", "--quiet", "revert/1", BRANCH)
    with proposing(checkout) as propose:
        propose(*words(body), GITHUB_REF_NAME="next")
        propose("revert/1", "Back", str(body), "other", GITHUB_REF_NAME="next")

    assert [one["base"]["ref"] for one in checkout.pulls] == ["next", "other"]


def test_a_refusal_is_said_with_what_to_set(checkout: Checkout, body: Path) -> None:
    """GitHub's reason and the page that tells of the setting; the next run makes it."""
    with proposing(checkout, permitted=False) as propose:
        done = propose(*words(body))
    assert done.returncode == 1
    assert "not permitted" in done.stderr
    assert "deploy-from-github.md" in done.stderr
    assert checkout.pushed(BRANCH)

    with proposing(checkout) as propose:
        assert propose(*words(body)).returncode == 0
    assert len(checkout.pulls) == 1


@pytest.mark.parametrize(
    ("asked", "environment", "why"),
    [
        ((), {"GH_TOKEN": ""}, "GH_TOKEN is not set"),
        ((), {"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY is not set"),
        ((), {"GITHUB_REPOSITORY": "media"}, "OWNER/NAME"),
        ((BRANCH, "Radarr 9", "absent.md"), {}, "absent.md"),
        ((BRANCH,), {}, "usage"),
        (("pins/nothing", "Nothing", "BODY"), {}, "no branch `pins/nothing`"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_pushed(
    checkout: Checkout,
    body: Path,
    asked: tuple[str, ...],
    environment: dict[str, str],
    why: str,
) -> None:
    """A person reads which word or variable it is."""
    asked = tuple(str(body) if one == "BODY" else one for one in asked) or words(body)
    with proposing(checkout) as propose:
        done = propose(*asked, **environment)

    assert done.returncode == 1
    assert why in done.stderr
    assert not checkout.pushed(BRANCH)
    assert checkout.pulls == []


def test_no_token_stays_on_the_machine(checkout: Checkout, body: Path) -> None:
    """Git is lent the token for one command: no file of the clone or of the home has it."""
    with proposing(checkout) as propose:
        propose(*words(body))

    assert checkout.pushed(BRANCH)
    files = [one for one in checkout.home.rglob("*") if one.is_file()]
    assert [one for one in files if TOKEN.encode() in one.read_bytes()] == []
    assert "credential" not in checkout.git("config", "--local", "--list")
