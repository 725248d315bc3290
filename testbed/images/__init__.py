"""Stand-in images, made of this machine's own programs: nothing is pulled.

>>> from testbed.images import build
>>> build("unix:///run/tame-engine/docker.sock", ["radarr"])  # doctest: +SKIP
['tame.invalid/radarr:6.2.1.10461-ls308']

The command line is `python -m testbed.images build --host HOST [APP ...]`, or `list`. Inside every
image but gluetun's, `/opt/stand-in/bin/python3` is an interpreter that tests may `docker exec`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from tame_components.catalog import catalog
from testbed.apps.faults import KINDS, Fault
from testbed.images.archive import Image, load, marks
from testbed.images.disclosure import fidelity
from testbed.images.errors import FaultUnknown, ImagesRefused, NoStandIn, ProgramsMissing
from testbed.images.interpreter import APPS
from testbed.images.layer import locked
from testbed.images.pantry import Pantry
from testbed.images.programs import TUNNEL, ensure
from testbed.images.recipe import Recipe
from testbed.images.services import SERVICES


GLUETUN: Final = "gluetun"

__all__ = [
    "FaultUnknown",
    "ImagesRefused",
    "NoStandIn",
    "ProgramsMissing",
    "build",
    "ensure_programs",
    "fidelity",
    "known",
]


def known() -> tuple[str, ...]:
    """The applications of the catalog that have a stand-in."""
    others = (GLUETUN, *SERVICES)
    return tuple(
        name
        for name in catalog()
        if name in others or (APPS / f"{name.replace('-', '_')}.py").exists()
    )


def build(
    host: str,
    apps: Sequence[str] | None = None,
    *,
    tag: str | None = None,
    fault: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Makes sure that the engine at *host* has the stand-in images; their names.

    Args:
        host: The engine's address, as `DOCKER_HOST` takes it.
        apps: Names in the catalog. Default: every application that has a stand-in.
        tag: The tag, and with it the version that the stand-ins claim. Default: the pin's.
        fault: How this release misbehaves (testbed/apps/faults.py). Default: not at all.
        say: Is told about every step that takes more than a moment.

    Raises:
        NoStandIn: one of *apps* has no stand-in.
        FaultUnknown: *fault* is none.
        ProgramsMissing: this machine lacks programs and they cannot be installed from here.
        ImagesRefused: the engine does not answer, or did not take the images.
    """
    try:
        Fault.parse(fault)
    except ValueError as error:
        raise FaultUnknown(fault, KINDS) from error
    wanted = _wanted(apps)
    ensure_programs(wanted, say)
    recipes = _recipes(wanted, tag, fault)
    with locked():
        _build(host, recipes, say)
        names = [recipe.name for recipe in recipes]
        if GLUETUN in wanted:
            names.append(_gluetun(host, tag or catalog()[GLUETUN].image.tag, say))
    return sorted(names)


def ensure_programs(
    apps: Sequence[str] | None = None, say: Callable[[str], None] = lambda _: None
) -> None:
    """Makes the programs available that the images of *apps* are made of; installs what is missing.

    Raises:
        NoStandIn: one of *apps* has no stand-in.
        ProgramsMissing: programs are not there and cannot be installed from here.
    """
    wanted = _wanted(apps)
    # busybox first: it tells which programs it can play
    ensure(["busybox"], say)
    named = {name for recipe in _recipes(wanted) for name in recipe.programs}
    ensure(named.union(TUNNEL if GLUETUN in wanted else ()), say)


def _wanted(apps: Sequence[str] | None) -> list[str]:
    wanted = list(apps if apps is not None else known())
    for name in wanted:
        if name not in known():
            raise NoStandIn(name, known())
    return wanted


def _recipes(apps: Sequence[str], tag: str | None = None, fault: str = "") -> list[Recipe]:
    """One for each of *apps* but gluetun, whose image testbed/vpn makes."""
    entries = [catalog()[name] for name in apps if name != GLUETUN]
    return [Recipe(entry, tag or entry.image.tag, fault) for entry in entries]


def _build(host: str, recipes: Sequence[Recipe], say: Callable[[str], None]) -> None:
    if not recipes:
        return
    pantry = Pantry(say)
    there = marks(host)
    made = {recipe.name: recipe.mark(pantry.inputs(recipe)) for recipe in recipes}
    stale = [recipe for recipe in recipes if there.get(recipe.name) != made[recipe.name]]
    if not stale:
        return
    images = []
    for recipe in stale:
        layers = pantry.layers(recipe)
        config = recipe.config([layer.digest for layer in layers], made[recipe.name])
        images.append(Image(recipe.name, config, layers))
    say(f"loading {len(images)} images")
    load(host, images)


def _gluetun(host: str, tag: str, say: Callable[[str], None]) -> str:
    """Its program is the tunnel's own: testbed/vpn knows what it needs."""
    from testbed.vpn import image as vpn  # noqa: PLC0415 - slow, and needed for one app

    return vpn.build(host, f"tame.invalid/gluetun:{tag}", vpn.gluetun_rootfs(say), say)
