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
    for one in service.listed("volumes"):
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
    unknown = tuple(name for part in one.keys.values() for name in part.unknown)
    return Mounted(
        one.said("type") or "volume",
        one.said("source"),
        one.said("target").rstrip("/") or "/",
        one.says_yes("read_only"),
        unknown=unknown,
    )


def _described(found: Mounted, volumes: Mapping[str, Node]) -> Mounted:
    top = volumes.get(found.source)
    if top is None or not top.keys:
        return found
    options = top.entries("driver_opts")
    given = tuple((key, one.text) for key, one in options.items())
    unknown = tuple(name for one in options.values() for name in one.unknown)
    return Mounted(
        found.kind,
        top.said("name") or found.source,
        found.target,
        found.read_only,
        top.said("driver") or None,
        given,
        (*found.unknown, *unknown),
    )
