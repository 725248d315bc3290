"""Pins move forwards only, and a lock holds what the registry really has."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock, read_lock
from tame_components.domain.registry import RegistrySettings
from tame_components.domain.topology import Topology
from tame_components.ops.pins.errors import PinUnmovable, RegistryUnreachable, TagUnknown
from tame_components.ops.pins.moving import lock_after, moves
from tame_components.ops.pins.plan import Pin, check
from tame_components.ops.pins.registry import Registries
from tame_components.ops.pins.write import locked, write
from tests.harness import stacks
from tests.harness.fake_registry import FakeRegistry, registries_of


PIN = catalog()["radarr"].image
OLD, NEW = "6.0.0.1-ls1", "99.1.2.3-ls400"


def _topology(**services: Any) -> Topology:
    return stacks.topology(services=services or {"radarr": {}}, vpn=None)


def _checked(tags: dict[str, str]) -> Pin:
    (pin,) = check(_topology(), registries_of(FakeRegistry(tags)))
    return pin


def test_every_page_of_tags_is_read_with_one_login() -> None:
    """A long list comes in pages; the token of the first challenge serves for all."""
    fake = FakeRegistry({f"{n}.0.0.1-ls1": "2026-01-01T00:00:00Z" for n in range(1, 8)})

    assert len(registries_of(fake).tags(PIN.repository)) == 7
    assert sum("auth.test" in url for url in fake.asked) == 1


def test_the_newest_release_is_found_among_others() -> None:
    """Rolling names and older releases are no reason to move."""
    born = "2026-01-01T00:00:00Z"
    later = "2026-09-01T00:00:00Z"
    pin = _checked({PIN.tag: born, NEW: later, OLD: later, "latest": later, "nightly": later})

    assert pin.newest == NEW
    assert pin.created == later


def test_a_number_that_looks_newer_and_was_built_earlier_is_not_proposed() -> None:
    """Once upon a time `20.04.1` was offered as newer than `5.2.3`; it was years older."""
    pin = _checked({PIN.tag: "2026-06-01T00:00:00Z", NEW: "2021-01-01T00:00:00Z"})

    assert pin.newest is None
    assert "built before" in pin.note


def test_the_newest_stays() -> None:
    """A pin that is the newest is not moved, and nothing is said of it."""
    pin = _checked({PIN.tag: "2026-06-01T00:00:00Z", OLD: "2026-07-01T00:00:00Z"})

    assert (pin.newest, pin.note) == (None, "")


def test_a_lock_holds_the_digest_of_the_index(tmp_path: Path) -> None:
    """One lock serves every architecture: the index's digest, as the registry computes it."""
    fake = FakeRegistry({PIN.tag: "2026-06-01T00:00:00Z"})
    lock = locked(tmp_path, _topology(), registries_of(fake))
    write(tmp_path, "test", lock)

    digest = f"sha256:{hashlib.sha256(fake.manifests[PIN.tag]).hexdigest()}"
    assert read_lock(tmp_path, "test") == lock == Lock(images={str(PIN.reference): digest})


def test_every_unknown_tag_is_named_and_nothing_written(tmp_path: Path) -> None:
    """A pin that does not exist is found before the night on which it would be pulled."""
    with pytest.raises(TagUnknown, match=PIN.tag):
        locked(tmp_path, _topology(), registries_of(FakeRegistry({})))

    assert list(tmp_path.iterdir()) == []


def test_a_pin_moves_together_with_its_digest(tmp_path: Path) -> None:
    """After a move the stack runs the new tag by the new digest, and the old one is forgotten."""
    fake = FakeRegistry({PIN.tag: "2026-06-01T00:00:00Z", NEW: "2026-07-01T00:00:00Z"})
    write(tmp_path, "test", locked(tmp_path, _topology(), registries_of(fake)))
    moving = moves(tmp_path, [_topology()], registries_of(fake), services=["radarr"])
    lock = lock_after(tmp_path, "test", moving)
    settings = stacks.settings(services={"radarr": {}}, vpn=None)
    image = compose_topology(settings, catalog(), lock=lock).service("radarr").image

    assert [move.pin.services for move in moving] == [("radarr",)]
    assert str(image).startswith(f"{PIN.repository}:{NEW}@sha256:")
    assert set(lock.images) == {f"{PIN.repository}:{NEW}"}


@pytest.mark.parametrize(
    ("services", "why"),
    [
        ({"radarr": {}}, "newest release"),
        ({"radarr": {"image": str(PIN.reference)}}, "in the settings"),
    ],
)
def test_a_pin_that_cannot_move_says_why(
    tmp_path: Path, services: dict[str, Any], why: str
) -> None:
    """Somebody asked for this one by name: silence would look like success."""
    fake = FakeRegistry({PIN.tag: "2026-06-01T00:00:00Z"})
    with pytest.raises(PinUnmovable, match=why):
        moves(tmp_path, [_topology(**services)], registries_of(fake), services=["radarr"])


def _failing(status: int) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status)


def _gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "answer",
    [_failing(503), _failing(429), _gone, lambda _: httpx.Response(200, text="<html>")],
    ids=["down", "too many", "gone", "no registry"],
)
def test_a_registry_in_trouble_is_an_error_in_words(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    """It is never taken for "there is no newer release"."""
    client = httpx.Client(transport=httpx.MockTransport(answer))
    with pytest.raises(RegistryUnreachable, match=r"lscr\.io"):
        Registries(client=client).tags(PIN.repository)


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("busybox", "https://registry-1.docker.io/v2/library/busybox/"),
        ("docker.io/busybox", "https://registry-1.docker.io/v2/library/busybox/"),
        ("amir20/dozzle", "https://registry-1.docker.io/v2/amir20/dozzle/"),
        ("ghcr.io/a/b", "https://ghcr.io/v2/a/b/"),
        ("localhost:5000/a", "https://localhost:5000/v2/a/"),
        ("tame.invalid/radarr", "http://127.0.0.1:5000/v2/radarr/"),
    ],
)
def test_short_names_are_completed_as_docker_does(repository: str, url: str) -> None:
    """And a mirror is asked in place of the registry that it stands for."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404)

    settings = RegistrySettings(mirrors={"tame.invalid": "http://127.0.0.1:5000"})
    client = httpx.Client(transport=httpx.MockTransport(answer))
    Registries(settings, client).find(ImageReference(repository=repository, tag="1.2.3"))

    assert asked == [f"{url}manifests/1.2.3"]
