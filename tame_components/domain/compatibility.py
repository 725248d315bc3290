"""Versions that do not go together: what is known, and what of it a stack has.

Plain dataclasses: the policy pack reads them in every preview, and pydantic would cost it time.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


Version = tuple[int, ...]

_VERSION = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True, slots=True)
class Range:
    """Some versions of one application."""

    app: str
    since: Version = ()
    """The first one."""
    below: Version | None = None
    """The first one that is not meant any more."""

    def holds(self, version: Version) -> bool:
        """Whether *version* is one of them."""
        return version >= self.since and (self.below is None or version < self.below)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the authors, or many users, of two applications have found out."""

    first: Range
    second: Range | None
    """None: *first* is the trouble by itself."""
    same: bool
    """Whether the two only go together in equal versions."""
    why: str
    instead: str
    source: str


@dataclass(frozen=True, slots=True)
class Running:
    """An application in a stack, as far as this matters."""

    service: str
    names: frozenset[str]
    """What its application may be called."""
    version: Version


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """A fact that a stack has come upon."""

    service: str
    """Who has to move."""
    other: str | None
    fact: Fact

    @property
    def message(self) -> str:
        """What is wrong, for a person."""
        return f"it meets `{self.other}`: {self.fact.why}" if self.other else self.fact.why


def parse_facts(text: str) -> tuple[Fact, ...]:
    """The facts in the TOML *text*.

    Raises:
        ValueError: not TOML, a key is missing or unknown, or a version is none.
    """
    return tuple(_fact(one) for one in tomllib.loads(text)["facts"])


def version_of(tag: str) -> Version | None:
    """The version in an image's *tag*, e.g. `5.2.3_v2.0.13-ls469` -> (5, 2, 3)."""
    match = _VERSION.search(tag)
    return tuple(int(part) for part in match[0].split(".")) if match else None


def incompatible(running: Iterable[Running], facts: Iterable[Fact]) -> Iterator[Incompatibility]:
    """Every fact that applies to what is *running* together."""
    everything = tuple(running)
    for fact in facts:
        firsts = [one for one in everything if _meant(one, fact.first)]
        if fact.second is None:
            yield from (Incompatibility(one.service, None, fact) for one in firsts)
            continue
        for second in everything:
            if not _meant(second, fact.second):
                continue
            for first in firsts:
                if not fact.same or first.version != second.version:
                    yield Incompatibility(second.service, first.service, fact)


def _meant(one: Running, versions: Range) -> bool:
    return versions.app in one.names and versions.holds(one.version)


def _fact(entry: dict[str, Any]) -> Fact:
    unknown = set(entry) - {"first", "second", "same", "why", "instead", "source"}
    if unknown or not all(entry.get(key) for key in ("first", "why", "instead", "source")):
        raise ValueError(f"a fact has `first`, `why`, `instead`, `source`; got {sorted(entry)}")
    second = entry.get("second")
    return Fact(
        first=_range(entry["first"]),
        second=_range(second) if second else None,
        same=bool(entry.get("same")),
        why=entry["why"],
        instead=entry["instead"],
        source=entry["source"],
    )


def _range(entry: dict[str, str]) -> Range:
    if unknown := set(entry) - {"app", "from", "below"}:
        raise ValueError(f"unknown keys of a version range: {sorted(unknown)}")
    return Range(entry["app"], _version(entry.get("from")) or (), _version(entry.get("below")))


def _version(text: str | None) -> Version | None:
    if text is None:
        return None
    version = version_of(text)
    if version is None:
        raise ValueError(f"not a version: `{text}`")
    return version
