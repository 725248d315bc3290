"""Which snapshots lead back to a release."""

from tame_components.domain.release import Release
from tame_components.ops.promote.history import History, Tenure, Verb, changes, tag


def history(*tenures: tuple[str, dict[str, str]]) -> History:
    """The history of *tenures*: release, and snapshots of just before it."""
    found = History()
    for number, (release, snapshots) in enumerate(tenures):
        found = found.then(
            Tenure(release=release, since=str(number), verb=Verb.PROMOTE, snapshots=snapshots)
        )
    return found


def test_the_first_snapshot_after_a_release_holds_its_state() -> None:
    """Later ones are of later releases; a service that was not touched has none."""
    found = history(("a", {}), ("b", {"radarr": "1"}), ("c", {"radarr": "2", "sonarr": "3"}))

    assert found.states("a") == {"radarr": "1", "sonarr": "3"}
    assert found.states("b") == {"radarr": "2", "sonarr": "3"}
    assert found.states("c") == {}


def test_a_release_that_ran_twice_is_come_back_to_as_it_was_last() -> None:
    """After a rollback it went on writing."""
    found = history(
        ("a", {}), ("b", {"radarr": "1"}), ("a", {"radarr": "2"}), ("c", {"radarr": "3"})
    )

    assert found.states("a") == {"radarr": "3"}
    assert found.states("b") == {"radarr": "2"}
    assert found.before == "a"


def test_a_tenure_that_is_noted_twice_is_one() -> None:
    """Killed after the note, the promotion is finished again."""
    twice = history(("a", {}), ("b", {"radarr": "1"}), ("b", {"radarr": "1"}))

    assert [one.release for one in twice.tenures] == ["a", "b"]
    assert history(("a", {})).before is None


def test_a_change_is_said_as_people_say_it() -> None:
    """Services by tag; settings and programs by name."""
    digest = "sha256:" + "a" * 64
    old = Release(images={"radarr": "x/radarr:1", "gone": "x/gone:1"}, config="0" * 64, program="p")
    new = Release(images={"radarr": "x/radarr:2", "new": "x/new:1"}, config="1" * 64, program="q")

    assert changes(old, new) == ("radarr 1 -> 2", "+ new", "- gone", "settings", "programs")
    assert changes(None, new) == changes(new, new) == ()
    assert tag(f"127.0.0.1:5000/radarr@{digest}") == digest[:19]
