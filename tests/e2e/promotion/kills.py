"""SIGKILL at every step: the next run ends on what is whole."""

import signal
from collections.abc import Iterator
from dataclasses import replace

from tests.e2e.promotion.scene import Ending, Scene, updated


_DEPLOYING = (
    "replace prowlarr-image",
    "delete-replaced prowlarr-container",
    "create-replacement prowlarr-container",
    "delete-replaced prowlarr-image",
)
_PREPARING = ("pulling", "preview", "a rollback comes back to")
_SAVING = ("stopping, its files must hold still", "copied", "saved as")
_RESTORING = ("fetching", "rows are as recorded", "stopping, its files are replaced", "restored")
GOOD = [(step,) for step in (*_PREPARING, *_SAVING, *_DEPLOYING, "runs and is proved")]
BAD = [("undoing",), *(("undoing", step) for step in (*_RESTORING, *_DEPLOYING[1:])), ("error:",)]
BACK = [
    *((step,) for step in ("preview", "is held: `tame revert`", *_RESTORING[:2], *_SAVING)),
    *(("saved as", step) for step in (*_RESTORING, *_DEPLOYING, "runs and is proved")),
]
"""What a verb says, one after the other, before it is killed."""
_LOOKED = 3
"""So many steps of a rollback only look: the preview, the plan, and the first fetch."""


def promotion_killed_at_every_step(scene: Scene) -> Iterator[Ending]:
    """A good release; only the promotion dies, and the Pulumi that it began works on."""
    prod = scene.prod
    for said in GOOD:
        before, image = scene.whole, scene.shelf.release()
        prod.ask(image)
        running = prod.start_promotion()
        assert running.read(*said), running.lines
        running.end(signal.SIGKILL)
        done = prod.promote()
        if "TAME855" in done.text:  # a machine that is short of time: the gate is strict
            yield Ending(prod, done, before, "TAME855")
        else:
            yield Ending(prod, done, replace(before, image=image))


def undoing_killed_at_every_step(scene: Scene) -> Iterator[Ending]:
    """A bad release, while it is taken back; everything dies at once, as in a power cut."""
    prod = scene.prod
    for said in BAD:
        before = scene.whole
        prod.ask(scene.shelf.release("migrates-then-fails"))
        running = prod.start_promotion()
        assert running.read(*said), running.lines
        prod.kill_everything_of(running)
        done = prod.promote()
        over = said == BAD[-1]  # all was done but for the last word
        yield Ending(prod, done, before, "TAME854" if over else "TAME855")


def rollback_killed_at_every_step(scene: Scene) -> Iterator[Ending]:
    """And the same rollback again: it goes on, or there is nothing left to do."""
    prod = scene.prod
    for said in BACK:
        before, release = scene.whole, prod.releases()["current"]
        yield from updated(scene, before)
        container = prod.stack.container("prowlarr").id
        running = prod.start("rollback", prod.stack.stack, release, "--yes")
        assert running.read(*said), running.lines
        running.end(signal.SIGKILL)
        if said in BACK[:_LOOKED]:
            assert (prod.phase(), prod.stack.container("prowlarr").id) == ("", container)
        yield Ending(prod, prod.roll_back(release), before)
