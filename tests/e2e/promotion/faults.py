"""What goes wrong with a release, or around it, one function each."""

import signal
from collections.abc import Iterator
from dataclasses import replace

from tests.e2e.promotion.disks import fill, small_disk
from tests.e2e.promotion.flaky import FlakyEngine
from tests.e2e.promotion.prod import Whole
from tests.e2e.promotion.scene import Ending, Scene


def good_bad_good_and_back(scene: Scene) -> Iterator[Ending]:
    """A release that migrates its database and then fails; one that is well; and back again."""
    prod, before = scene.prod, scene.whole
    prod.ask(scene.shelf.release("migrates-then-fails"))
    yield Ending(prod, prod.promote(), before, "TAME855")
    yield Ending(prod, prod.promote(), before, "TAME854")
    yield from _good(scene, before)
    prod.add_row()
    yield Ending(prod, prod.roll_back(), before)


def _good(scene: Scene, before: Whole) -> Iterator[Ending]:
    good = scene.shelf.release()
    scene.prod.ask(good)
    yield Ending(scene.prod, scene.prod.promote(), replace(before, image=good))


def bad_bad(scene: Scene) -> Iterator[Ending]:
    """Two bad releases in a row: the second is not held for the first one's sake."""
    prod, before = scene.prod, scene.whole
    for fault in ("exits", "unhealthy"):
        prod.ask(scene.shelf.release(fault))
        yield Ending(prod, prod.promote(), before, "TAME855")


def fix_invalid(scene: Scene) -> Iterator[Ending]:
    """Settings that mean nothing, then corrected."""
    prod, before = scene.prod, scene.whole
    prod.ask("no image at all")
    yield Ending(prod, prod.promote(), before, "TAME101")
    yield from _good(scene, before)


def abort_and_retry(scene: Scene) -> Iterator[Ending]:
    """Ctrl-C while it deploys; the same release again is not held."""
    prod, before = scene.prod, scene.whole
    good = scene.shelf.release()
    prod.ask(good)
    running = prod.start_promotion()
    prod.until("deploying", running)
    yield Ending(prod, running.end(signal.SIGINT), before, "TAME855")
    yield Ending(prod, prod.promote(), replace(before, image=good))


def spec_and_image_at_once(scene: Scene) -> Iterator[Ending]:
    """Image and settings change together: both stay, or neither."""
    prod, before = scene.prod, scene.whole
    bad, good = scene.shelf.release("exits"), scene.shelf.release()
    prod.ask(bad, environment={"REHEARSED": "bad"})
    yield Ending(prod, prod.promote(), before, "TAME855")
    prod.ask(good, environment={"REHEARSED": "good"})
    after = replace(before, image=good, environment=frozenset({"REHEARSED=good"}))
    yield Ending(prod, prod.promote(), after)
    prod.ask(good)
    yield Ending(prod, prod.promote(), replace(before, image=good))


def dies_after_30_s(scene: Scene) -> Iterator[Ending]:
    """Healthy for half a minute: only the soak sees it."""
    prod, before = scene.prod, scene.whole
    prod.ask(scene.shelf.release("exits-after-30s"))
    yield Ending(prod, prod.promote(soak=45), before, "TAME855")


def healthy_then_500(scene: Scene) -> Iterator[Ending]:
    """The health endpoint is fine; everything else answers 500."""
    prod, before = scene.prod, scene.whole
    prod.ask(scene.shelf.release("500-after-healthy"))
    yield Ending(prod, prod.promote(), before, "TAME855")


def unknown_tag(scene: Scene) -> Iterator[Ending]:
    """A tag or a digest that the registry does not have: nothing is stopped."""
    prod, before = scene.prod, scene.whole
    repository = before.image.rpartition("@")[0].rpartition(":")[0]
    container = prod.stack.container("prowlarr").id
    for unknown in ("9.9.9", f"9.9.9@sha256:{'0' * 64}"):
        prod.ask(f"{repository}:{unknown}")
        yield Ending(prod, prod.promote(), before, "TAME853")
        assert prod.stack.container("prowlarr").id == container


def registry_gone(scene: Scene) -> Iterator[Ending]:
    """Gone before: nothing is stopped. Gone half-way: the way back needs no registry."""
    prod, before = scene.prod, scene.whole
    container = prod.stack.container("prowlarr").id
    with scene.new_shelf() as shelf:
        prod.ask(shelf.release())
        shelf.registry.stop()
        yield Ending(prod, prod.promote(), before, "TAME853")
        assert prod.stack.container("prowlarr").id == container
    with scene.new_shelf() as shelf:
        prod.ask(shelf.release("exits"))
        running = prod.start_promotion()
        prod.until("deploying", running)
        shelf.registry.stop()
        yield Ending(prod, running.end(), before, "TAME855")


def repository_full(scene: Scene) -> Iterator[Ending]:
    """No room for the snapshot: nothing is changed for good, and what was stopped runs again."""
    with small_disk(scene.folder / "backups", mebibytes=8) as place:
        prod = scene.fresh(backup={"repository": str(place)})
        before = prod.whole()
        prod.ask(scene.shelf.release())
        fill(place)
        yield Ending(prod, prod.promote(), before, "TAME822")
        (place / "ballast").unlink()
        yield Ending(prod, prod.promote(), replace(before, image=scene.shelf.made[-1]))


def disk_full_half_way(scene: Scene) -> Iterator[Ending]:
    """The new release fills the disk of its state: with room again, it ends on one of the two."""
    with small_disk(scene.folder / "state", mebibytes=200) as place:
        prod = scene.fresh(config_root=str(place / "config"))
        before = prod.whole()
        prod.ask(scene.shelf.release("exits"))
        running = prod.start_promotion()
        prod.until("deploying", running)
        fill(place)
        first = running.end()
        assert first.code == 1, first.text
        (place / "ballast").unlink()
        if "TAME856" in first.text:  # not complete, and it says so
            yield Ending(prod, prod.promote(), before, "TAME855")
        else:
            yield Ending(prod, first, before, "TAME855")


def gate_flapping(scene: Scene) -> Iterator[Ending]:
    """An engine that answers now and then: asked again; where it goes on, doubt is no proof."""
    lost = [0]
    calls = [0]

    def drops() -> bool:
        calls[0] += 1
        return bool(flaps) and prod.phase() == "proving" and calls[0] % 2 == 0 and _take(lost)

    flaps = False
    with FlakyEngine(scene.shelf.host, drops) as engine:
        prod = scene.fresh(engine=engine.host)
        before = prod.whole()
        flaps = True
        for losses, code in ((10_000, "TAME855"), (3, "")):
            lost[0] = losses
            image = scene.shelf.release()
            prod.ask(image)
            done = prod.promote()
            assert "gate inconclusive, asked again" in done.text, done.text
            yield Ending(prod, done, before if code else replace(before, image=image), code)


def _take(left: list[int]) -> bool:
    left[0] -= 1
    return left[0] >= 0
