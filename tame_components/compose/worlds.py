"""What an unset variable may turn out to be.

A stack with unset variables is judged in three worlds. A rule that is broken in each is broken
whatever they hold; one that is broken in none is kept; one that is broken in some cannot be decided
from the files. A variable in a path is taken for an ordinary directory, one in a tag for any tag.
"""

import re
from enum import Enum

from tame_components.compose.interpolation import filled
from tame_components.compose.nodes import Node


class World(Enum):
    """One way to fill in what is not known."""

    WRITTEN = 1
    """As the text stands: a variable differs from everything but itself."""
    KIND = 2
    """Whatever keeps the doctrine."""
    UNKIND = 3
    """Whatever breaks it."""


_TAG = {
    World.WRITTEN: "latest",
    World.KIND: f"1.2.3@sha256:{'0' * 64}",
    World.UNKIND: "public",
}
_SWITCH = ("true", "off")
_BY_NAME = (
    (re.compile(r"SUBNETS?$|CIDR|NETWORKS?$"), ("192.168.1.0/24", "0.0.0.0/0")),
    (re.compile(r"DNS.*ADDRESS(?:ES)?$|NAMESERVER"), ("1.1.1.1", "10.0.0.1")),
    (re.compile(r"^VERSION$"), ("docker", "latest")),
    (re.compile(r"^DOCKER_MODS$"), ("", "example/mod:latest")),
)
"""What a variable of this name may hold: kind, then unkind. Others are taken for a switch."""

_IDS = {"PUID": "1000", "PGID": "1000", "UMASK": "002", "UID": "1000", "GID": "1000"}


def image(node: Node, world: World) -> str | None:
    """The reference; None where even the repository is not known."""
    if not node.unknown:
        return node.text
    repository, colon, tag = node.text.rpartition(":")
    if "$" in repository or not colon or "/" in tag:
        return None
    if "@" in repository:
        return f"{repository}:{filled(tag, '0' * 64)}"
    return f"{repository}:{filled(tag, _TAG[world])}"


def source(text: str, target: str, world: World, root: str | None) -> str:
    """Where a mount comes from, with *root* for the directory that others have at `/data`."""
    if "$" not in text:
        return text
    if world is World.KIND and (target == "/data" or target.startswith("/data/")):
        return (root or "/unset") + target.removeprefix("/data")
    return text if text.startswith((".", "/", "~")) else f"/{text}"


def address(text: str, world: World) -> str:
    """The host's address of a port."""
    if "$" not in text:
        return text
    return "127.0.0.1" if world is World.KIND else ""


def variable(name: str, node: Node, world: World) -> str:
    """The value of a variable of the environment."""
    if not node.unknown:
        return node.text
    if name in _IDS:
        return _IDS[name] if world is World.KIND else node.text
    if world is World.WRITTEN:
        return node.text
    for pattern, values in _BY_NAME:
        if pattern.search(name):
            return filled(node.text, values[world is World.UNKIND])
    alone = node.text.strip() == f"${{{node.unknown[0]}}}"
    return _SWITCH[world is World.UNKIND] if alone else node.text


def user(text: str, world: World) -> str:
    """Who the process runs as."""
    return filled(text, "1000") if "$" in text and world is World.KIND else text


def switch(node: Node | None, world: World) -> bool:
    """A yes or no."""
    if node is None:
        return False
    if node.unknown:
        return world is not World.KIND
    return node.says_yes()
