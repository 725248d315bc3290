"""Published ports, short and long."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tame_components.compose.nodes import Node
from tame_components.compose.worlds import World, address
from tame_components.domain.container import PublishedPort


_SHORT = re.compile(
    r"""(?:(?P<ip>\[[^\]]*\]|[^:\[\]]*):)??
        (?:(?P<host>[^:]*):)?
        (?P<container>[^:/]+)
        (?:/(?P<protocol>tcp|udp|sctp))?""",
    re.VERBOSE | re.IGNORECASE,
)
_HIGHEST = 65535


class NotAPort(ValueError):
    """A text that Compose does not take for a port either."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of `ports`."""

    ip: str
    host: str
    """A number, a range, `${NAME}`, or empty: the engine chooses."""
    container: str
    protocol: str

    @property
    def first(self) -> int | None:
        """The first port inside; None where it is not known."""
        return _first(self.container)

    @property
    def first_host(self) -> int | None:
        """The first port of the host; None where it is not known, or the engine chooses."""
        return _first(self.host)


def publications(ports: Node | None) -> Iterator[Publication]:
    """The entries of *ports*.

    Raises:
        NotAPort: one of them is none.
    """
    for one in ports.items if ports else []:
        yield _long(one) if one.keys else _short(one.text)


def _short(text: str) -> Publication:
    match = _SHORT.fullmatch(text.strip())
    if match is None:
        raise NotAPort(f"not a port: `{text}`")
    found = Publication(
        (match["ip"] or "").strip("[]"),
        match["host"] or "",
        match["container"],
        (match["protocol"] or "tcp").lower(),
    )
    _check(found, text)
    return found


def _long(one: Node) -> Publication:
    protocol = one.said("protocol") or "tcp"
    found = Publication(
        one.said("host_ip"), one.said("published"), one.said("target"), protocol.lower()
    )
    _check(found, f"target {found.container}")
    return found


def _check(found: Publication, text: str) -> None:
    for part in (found.host, found.container):
        for number in part.split("-") if part and "$" not in part else ():
            if not number.isdecimal() or not 0 <= int(number) <= _HIGHEST:
                raise NotAPort(f"not a port: `{text}`")


def published(one: Publication, world: World) -> PublishedPort | None:
    """*one* as a fact: its first port, where it is a range; None for what is no TCP or UDP."""
    if one.protocol not in {"tcp", "udp"}:
        return None
    inside = one.first or one.first_host or 1
    return PublishedPort(
        address=address(one.ip, world),
        host=one.first_host or inside,
        container=inside,
        protocol="udp" if one.protocol == "udp" else "tcp",
    )


def _first(text: str) -> int | None:
    number = text.partition("-")[0]
    return int(number) if number.isdecimal() and 0 < int(number) <= _HIGHEST else None
