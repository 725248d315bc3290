"""Two stacks on one engine."""

from tests.e2e.conftest import Make


def test_two_stacks_live_side_by_side(make: Make) -> None:
    """The same services twice: no name is shared, and neither stack's end touches the other."""
    first, second = make("prowlarr", "radarr"), make("prowlarr", "radarr")
    assert first.up().code == 0
    outcome = second.up()
    assert outcome.code == 0, outcome.text
    ids = {container.id for container in second.containers()}

    assert first.destroy().code == 0
    assert {container.id for container in second.containers()} == ids
    assert second.up("--expect-no-changes").code == 0
