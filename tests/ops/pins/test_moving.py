"""Several stacks move to one release by one digest, or they do not move."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.errors import UnknownService
from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock
from tame_components.domain.topology import Topology
from tame_components.ops.pins.errors import PinUnmovable
from tame_components.ops.pins.moving import Move, lock_after, moves
from tame_components.ops.pins.write import write
from tests.harness import stacks
from tests.harness.fake_registry import FakeRegistry, digest_of, registries_of


PIN = catalog()["radarr"].image
NEXT, NEWEST = "98.1.2.3-ls400", "99.1.2.3-ls400"
BUILT = {PIN.tag: "2026-06-01T00:00:00Z", NEXT: "2026-07-01T00:00:00Z"}
ALL = {**BUILT, NEWEST: "2026-08-01T00:00:00Z"}


def stack(name: str, lock: Lock | None = None, **services: Any) -> Topology:
    """A stack that runs Radarr, or *services*."""
    settings = stacks.settings(name, services=services or {"radarr": {}}, vpn=None)
    return compose_topology(settings, catalog(), lock=lock or Lock())


def at(tag: str, digest: str) -> Lock:
    """The lock of a stack whose Radarr has moved to *tag*."""
    reference = f"{PIN.repository}:{tag}"
    return Lock(pins={"radarr": reference}, images={reference: digest})


def told(found: tuple[Move, ...]) -> list[tuple[str, tuple[str, ...], str | None]]:
    """What moves where."""
    return [(move.stack, move.pin.services, move.target.tag) for move in found]


def test_stacks_move_to_the_same_image(tmp_path: Path) -> None:
    """Production refuses anything but what was proved: the digest too is one for all."""
    fake = FakeRegistry(ALL)
    found = moves(tmp_path, [stack("sandbox"), stack("prod")], registries_of(fake))

    assert told(found) == [("sandbox", ("radarr",), NEWEST), ("prod", ("radarr",), NEWEST)]
    assert {move.target.digest for move in found} == {digest_of(fake.manifests[NEWEST])}


def test_what_happens_in_the_registry_meanwhile_splits_nothing(tmp_path: Path) -> None:
    """A release that appears, and a tag that is built anew, between two stacks: neither counts."""
    fake = FakeRegistry(BUILT)
    before = digest_of(fake.manifests[NEXT])

    def happens(_: str) -> None:
        if fake.asked:  # the second stack's turn
            fake.own.add(NEWEST, "2026-08-01T00:00:00Z")
            fake.own.add(NEXT, "2026-08-01T00:00:00Z", "rebuilt")

    pair = [stack("sandbox"), stack("prod")]
    found = moves(tmp_path, pair, registries_of(fake), say=happens)

    assert {move.target.tag for move in found} == {NEXT}
    assert {move.target.digest for move in found} == {before}
    assert digest_of(fake.manifests[NEXT]) != before


def test_a_stack_that_runs_the_release_says_by_which_digest(tmp_path: Path) -> None:
    """The sandbox is there already, and the tag was built anew since: prod gets what it proved."""
    proved = f"sha256:{'1' * 64}"
    write(tmp_path, "sandbox", at(NEWEST, proved))
    pair = [stack("sandbox", at(NEWEST, proved)), stack("prod")]
    found = moves(tmp_path, pair, registries_of(FakeRegistry(ALL)), services=["radarr"])

    assert told(found) == [("prod", ("radarr",), NEWEST)]
    assert found[0].target.digest == proved


def test_services_of_one_app_move_together(tmp_path: Path) -> None:
    """Also where they are at different releases; and no digest of an old one is left."""
    both = {"radarr": {}, "radarr-4k": {"app": "radarr"}}
    lock = at(NEXT, f"sha256:{'2' * 64}")
    old = {str(PIN.reference): f"sha256:{'3' * 64}"}
    lock = lock.model_copy(update={"images": {**lock.images, **old}})
    write(tmp_path, "prod", lock)
    found = moves(tmp_path, [stack("prod", lock, **both)], registries_of(FakeRegistry(ALL)))
    after = lock_after(tmp_path, "prod", found)

    assert sorted(told(found)) == [
        ("prod", ("radarr",), NEWEST),
        ("prod", ("radarr-4k",), NEWEST),
    ]
    assert after.pins == dict.fromkeys(both, f"{PIN.repository}:{NEWEST}")
    assert set(after.images) == {f"{PIN.repository}:{NEWEST}"}


def test_what_the_settings_name_stays_with_its_digest(tmp_path: Path) -> None:
    """The neighbour moves; the image that a person named keeps the digest that prod asks for."""
    digest = f"sha256:{'4' * 64}"
    write(tmp_path, "prod", Lock(images={str(PIN.reference): digest}))
    held = {"radarr": {}, "radarr-4k": {"app": "radarr", "image": str(PIN.reference)}}
    found = moves(tmp_path, [stack("prod", None, **held)], registries_of(FakeRegistry(ALL)))
    after = lock_after(tmp_path, "prod", found)

    assert told(found) == [("prod", ("radarr",), NEWEST)]
    assert after.pins == {"radarr": f"{PIN.repository}:{NEWEST}"}
    assert after.images[str(PIN.reference)] == digest


def test_a_release_can_be_named(tmp_path: Path) -> None:
    """Not the newest: the one that was proved, while a newer one came out."""
    pair = [stack("sandbox", at(NEXT, f"sha256:{'5' * 64}")), stack("prod")]
    registries = registries_of(FakeRegistry(ALL))
    found = moves(tmp_path, pair, registries, services=["radarr"], to=NEXT)

    assert told(found) == [("prod", ("radarr",), NEXT)]


@pytest.mark.parametrize("tag", ["97.0.0.1-ls1", "6.0.0.1-ls1", "nightly", PIN.tag])
def test_a_release_that_is_none_or_not_newer_is_refused(tmp_path: Path, tag: str) -> None:
    """A pin moves forwards, and to what its registry has."""
    tags = {**ALL, "6.0.0.1-ls1": "2026-09-01T00:00:00Z", "nightly": "2026-09-01T00:00:00Z"}
    registries = registries_of(FakeRegistry(tags))
    with pytest.raises(PinUnmovable, match="newe"):
        moves(tmp_path, [stack("prod")], registries, services=["radarr"], to=tag)


def test_one_stack_that_cannot_move_stops_all(tmp_path: Path) -> None:
    """Somebody asked for both by name: prod would refuse what the sandbox does not run."""
    held = stack("sandbox", None, radarr={"image": str(PIN.reference)})
    with pytest.raises(PinUnmovable, match="sandbox"):
        moves(
            tmp_path,
            [held, stack("prod")],
            registries_of(FakeRegistry(ALL)),
            services=["radarr"],
        )


def test_a_service_that_only_one_stack_has_moves_there(tmp_path: Path) -> None:
    """And one that no stack has is an error in words."""
    pair = [stack("sandbox", None, sonarr={}), stack("prod")]
    lists = {"linuxserver/sonarr": {str(catalog()["sonarr"].image.tag): "2026-06-01T00:00:00Z"}}
    registries = registries_of(FakeRegistry(ALL, further=lists))
    found = moves(tmp_path, pair, registries, services=["radarr"])
    assert told(found) == [("prod", ("radarr",), NEWEST)]

    with pytest.raises(UnknownService, match="lidarr"):
        moves(tmp_path, pair, registries, services=["lidarr"])


def test_a_rehearsal_keeps_public_names(tmp_path: Path) -> None:
    """Its images have names of their own; what is written is what the real stack would pin."""
    settings = stacks.settings("test", services={"radarr": {}}, vpn=None, rehearsal=True)
    topology = compose_topology(settings, catalog())
    fake = FakeRegistry({}, further={"radarr": ALL})
    registries = registries_of(fake)
    after = lock_after(tmp_path, "test", moves(tmp_path, [topology], registries))

    assert after.pins == {"radarr": f"{PIN.repository}:{NEWEST}"}
    assert set(after.images) == {str(ImageReference(repository="tame.invalid/radarr", tag=NEWEST))}
