"""What a service mounts, short and long, with the driver of a named volume."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tame_components.compose.nodes import Node


_DRIVE = re.compile(r"(?P<source>[A-Za-z]:[\\/][^:]*):(?P<rest>.*)")
_BIND = (".", "/", "~", "$", "\\")
_MODE = re.compile(
    r"(?:ro|rw|z|Z|cached|delegated|consistent|nocopy|r?shared|r?slave|r?private|,)*"
)


@dataclass(frozen=True, slots=True)
class Mounted:
    """One entry of `volumes`."""

    kind: str
    """`bind`, `volume`, `tmpfs` or another word of Compose's."""
    source: str
    target: str
    read_only: bool = False
    driver: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


def mounted(service: Node, volumes: Mapping[str, Node]) -> Iterator[Mounted]:
    """The mounts of *service*, with what the top level says about named *volumes*."""
    wanted = service.get("volumes")
    for one in wanted.items if wanted else []:
        found = _long(one) if one.keys else _short(one)
        yield _described(found, volumes) if found.kind == "volume" else found


def _short(one: Node) -> Mounted:
    text = one.text
    if drive := _DRIVE.fullmatch(text):
        source, rest = drive["source"], drive["rest"]
    else:
        source, colon, rest = text.partition(":")
        if not colon:
            return Mounted("volume", "", source, unknown=one.unknown)
    target, _, mode = rest.partition(":")
    kind = "bind" if source.startswith(_BIND) or drive else "volume"
    read_only = "ro" in mode.split(",") if _MODE.fullmatch(mode) else False
    return Mounted(kind, source, target.rstrip("/") or "/", read_only, unknown=one.unknown)


def _long(one: Node) -> Mounted:
    def text(key: str) -> str:
        found = one.get(key)
        return found.text if found else ""

    unknown = tuple(name for part in one.keys.values() for name in part.unknown)
    return Mounted(
        text("type") or "volume",
        text("source"),
        text("target").rstrip("/") or "/",
        text("read_only").lower() in {"true", "yes", "on"},
        unknown=unknown,
    )


def _described(found: Mounted, volumes: Mapping[str, Node]) -> Mounted:
    top = volumes.get(found.source)
    if top is None or not top.keys:
        return found
    driver, options, name = top.get("driver"), top.get("driver_opts"), top.get("name")
    given = tuple((key, one.text) for key, one in (options.keys if options else {}).items())
    unknown = tuple(n for one in (options.keys if options else {}).values() for n in one.unknown)
    return Mounted(
        found.kind,
        name.text if name and name.text else found.source,
        found.target,
        found.read_only,
        driver.text if driver else None,
        given,
        (*found.unknown, *unknown),
    )
