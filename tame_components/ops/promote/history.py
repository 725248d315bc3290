"""Which releases a stack ran, in order, and which snapshots lead back to each. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.release import Release, same_image


class Verb(StrEnum):
    """How a release came to run."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RECORD = "record"


class Tenure(Frozen):
    """A time during which one release ran."""

    release: str
    since: str
    """When it was proved; ISO 8601, UTC."""
    verb: Verb
    snapshots: dict[str, str] = Field(default_factory=dict)
    """By service: its state when the tenure before this one ended."""


class History(Frozen):
    """Every tenure of a stack, the one of now last."""

    version: int = 1
    tenures: tuple[Tenure, ...] = ()

    def then(self, tenure: Tenure) -> "History":
        """The history after *tenure* began; one that was noted already is noted anew.

        Whoever resumes an interrupted promotion comes here twice.
        """
        last = self.tenures[-1:]
        kept = self.tenures[:-1] if last and _same(last[0], tenure) else self.tenures
        return self.model_copy(update={"tenures": (*kept, tenure)})

    @property
    def before(self) -> str | None:
        """The release that ran before the one of now."""
        others = [one.release for one in self.tenures if one.release != self.tenures[-1].release]
        return others[-1] if others else None

    def states(self, release: str) -> dict[str, str]:
        """By service: the snapshot of its state when *release* ran last.

        The first snapshot after that counts. A service without one was not touched since.
        """
        found: dict[str, str] = {}
        for tenure in reversed(self.tenures):
            if tenure.release == release:
                break
            found |= tenure.snapshots
        return found


def _same(one: Tenure, other: Tenure) -> bool:
    """Whether the two are one tenure: nothing was snapshotted between them."""
    return (one.release, one.verb, one.snapshots) == (other.release, other.verb, other.snapshots)


def changes(old: Release | None, new: Release) -> tuple[str, ...]:
    """In words, what *new* runs otherwise than *old*; empty for the first release."""
    if old is None:
        return ()
    return (*_images(old.images, new.images), *_rest(old, new))


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By service: the images of *old* and *new*, where both have it and they differ."""
    return {
        service: (old[service], new[service])
        for service in sorted(set(old) & set(new))
        if not same_image(old[service], new[service])
    }


def _images(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    for service, (before, after) in moved(old, new).items():
        yield f"{service} {tag(before)} -> {tag(after)}"
    yield from (f"+ {service}" for service in sorted(set(new) - set(old)))
    yield from (f"- {service}" for service in sorted(set(old) - set(new)))


def _rest(old: Release, new: Release) -> Iterable[str]:
    if old.config != new.config:
        yield "settings"
    if old.program != new.program:
        yield "programs"


def tag(image: str) -> str:
    """What a person calls *image*: its tag, else the start of its digest."""
    name, _, digest = image.partition("@")
    found = name.rpartition("/")[2].partition(":")[2]
    return found or digest[:19]


def of_records(records: Sequence[tuple[str, str, Mapping[str, str]]]) -> History:
    """The history of a stack that kept none: id, time and snapshots of each record, in order."""
    return History(
        tenures=tuple(
            Tenure(release=name, since=since, verb=Verb.PROMOTE, snapshots=dict(snapshots))
            for name, since, snapshots in records
        )
    )
