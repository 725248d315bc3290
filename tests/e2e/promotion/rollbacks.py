"""Going back on purpose, one function for each way."""

import signal
from collections.abc import Iterator
from dataclasses import replace

from tests.e2e.promotion.scene import Ending, Scene, updated


def rolled_back_and_forth(scene: Scene) -> Iterator[Ending]:
    """`tame rollback`: image and rows of then; then the newer ones again, with what they wrote."""
    prod, before = scene.prod, scene.whole
    newer, name = yield from updated(scene, before)
    done = prod.roll_back()
    yield Ending(prod, done, before)
    held = prod.stack.up().text
    assert "TAME854" in held, held
    late = replace(newer, rows=newer.rows | {name})
    yield Ending(prod, prod.roll_back(prod.releases()["held"]["release"]), late)


def rolled_back_with_its_rows(scene: Scene) -> Iterator[Ending]:
    """`--keep-databases`: the image goes back, the rows since stay."""
    prod, before = scene.prod, scene.whole
    _, name = yield from updated(scene, before)
    late = replace(before, rows=before.rows | {name})
    yield Ending(prod, prod.roll_back("--keep-databases"), late)


def rollback_aborted(scene: Scene) -> Iterator[Ending]:
    """Ctrl-C while the databases go back: what ran is back, with the row that it wrote."""
    prod, before = scene.prod, scene.whole
    newer, name = yield from updated(scene, before)
    running = prod.start("rollback", prod.stack.stack, "--yes")
    prod.until("restoring", running)
    late = replace(newer, rows=newer.rows | {name})
    yield Ending(prod, running.end(signal.SIGINT), late, "TAME861")


def rollback_impossible(scene: Scene) -> Iterator[Ending]:
    """No image, or no snapshot: it says so before anything is stopped."""
    with scene.new_shelf() as shelf:
        prod = scene.fresh(image=shelf.release())
        before = prod.whole()
        prod.ask(scene.shelf.release())
        newer = replace(before, image=scene.shelf.made[-1])
        yield Ending(prod, prod.promote(), newer)
        container = prod.stack.container("prowlarr").id
        (prod.root / ".backups").rename(prod.root / ".elsewhere")
        yield Ending(prod, prod.roll_back(), newer, "TAME860")
        (prod.root / ".elsewhere").rename(prod.root / ".backups")
        shelf.registry.stop()
        shelf.forget(before.image)
        yield Ending(prod, prod.roll_back(), newer, "TAME853")
        assert prod.stack.container("prowlarr").id == container
