"""What is taken for a leftover of a stack, and what never is."""

from collections.abc import Mapping
from typing import Any

import pytest
from typing_extensions import override

from tame_components.domain.errors import EngineUnreachable
from tame_components.ops.leftovers import Leftover, leftovers
from tests.harness.stacks import settings


def _container(service: str, *mounts: tuple[str, str]) -> dict[str, Any]:
    return {
        "Id": f"id-{service}",
        "Names": [f"/test-{service}"],
        "Labels": {"tame.stack": "test", "tame.service": service},
        "Mounts": [{"Source": source, "Destination": target} for source, target in mounts],
    }


RADARR = _container("radarr", ("/srv/config/radarr", "/config"), ("/srv/data", "/data"))
FLARESOLVERR = _container("flaresolverr")
THEIRS = _container("sonarr", ("/home/ann/config/sonarr", "/config"), ("/srv/data", "/data"))


class _Engine:
    def __init__(self, *containers: dict[str, Any], guests: tuple[str, ...] = ()) -> None:
        self._containers, self._guests = containers, guests

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """`GET /containers/json`."""
        assert all
        assert filters == {"label": ["tame.stack=test"]}
        return list(self._containers)

    def networks(self, *, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`GET /networks`."""
        assert filters == {"label": ["tame.stack=test"]}
        return [{"Id": "id-net", "Name": "test-net"}]

    def inspect_network(self, net_id: str) -> dict[str, Any]:
        """`GET /networks/ID`."""
        assert net_id == "id-net"
        return {"Containers": {guest: {} for guest in self._guests}}


def _found(*containers: dict[str, Any], known: set[str], **engine: Any) -> dict[str, Leftover]:
    found = leftovers("test", settings(), _Engine(*containers, **engine), known)
    return {one.name: one for one in found}


def test_what_pulumi_knows_is_no_leftover() -> None:
    """An id in the state is the state's business."""
    assert _found(RADARR, known={"id-radarr", "id-net"}) == {}


def test_what_pulumi_does_not_know_may_go() -> None:
    """Containers first, then the networks that they are on."""
    found = _found(RADARR, FLARESOLVERR, known=set(), guests=("id-radarr", "id-flaresolverr"))

    assert list(found) == ["test-flaresolverr", "test-radarr", "test-net"]
    assert [one.keep for one in found.values()] == ["", "", ""]


def test_a_stack_of_the_same_name_with_other_directories_is_another_stack() -> None:
    """Two checkouts on one engine: what may be the other's stays, what is ours may go."""
    found = _found(RADARR, FLARESOLVERR, THEIRS, known=set())

    assert "another stack" in found["test-sonarr"].keep
    assert found["test-flaresolverr"].keep
    assert found["test-net"].keep
    assert found["test-radarr"].keep == ""


def test_another_data_tree_is_another_stack() -> None:
    """The right config directory alone does not make a container ours."""
    other = _container("radarr", ("/srv/config/radarr", "/config"), ("/mnt/data", "/data"))

    assert _found(other, known={"id-net"})["test-radarr"].keep


def test_a_moved_data_root_does_not_make_the_stack_its_own_twin() -> None:
    """What Pulumi knows is ours, whatever the settings say by now."""
    found = _found(THEIRS, FLARESOLVERR, known={"id-sonarr", "id-net"})

    assert {name: one.keep for name, one in found.items()} == {"test-flaresolverr": ""}


def test_a_network_that_somebody_uses_stays() -> None:
    """A container that stays, known or without a label, keeps its network."""
    found = _found(RADARR, known={"id-radarr"}, guests=("id-radarr",))

    assert found["test-net"].keep == "containers that stay are on it"


def test_an_engine_that_goes_away_is_an_error_of_ours() -> None:
    """Docker's library raises what requests raises: an OSError."""

    class _Gone(_Engine):
        @override
        def inspect_network(self, net_id: str) -> dict[str, Any]:
            """The socket closes."""
            raise ConnectionResetError(net_id)

    with pytest.raises(EngineUnreachable):
        leftovers("test", settings(), _Gone(), set())
