"""R07: what was downloaded becomes part of the library by a link, not by a copy.

Comparing `st_dev` of the two directories gives a false pass: between two mounts of one file system
link and rename fail with EXDEV although it is equal (measured). So the importer itself links.
"""

from collections.abc import Iterator

from tame_components.domain.base import Frozen
from tame_components.domain.paths import DATA
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.probes.model import (
    NOT_STARTED,
    Answer,
    Engine,
    Result,
    Verdict,
    one_line,
    user_of,
)


_NO_FOLDER, _NO_FILE, _NO_LINK, _NO_MOVE = 70, 71, 72, 73

SCRIPT = f"""
from="$1/.tame-probe-$$" to="$2/.tame-probe-$$"
trap 'rm -f "$from" "$to" "$to.moved"' EXIT
[ -d "$1" ] && [ -d "$2" ] || exit {_NO_FOLDER}
: > "$from" || exit {_NO_FILE}
ln "$from" "$to" || exit {_NO_LINK}
set -- $(stat -c '%h %i' "$from") $(stat -c '%h %i' "$to")
[ $# = 4 ] || exit 127
mv "$from" "$to.moved" || exit {_NO_MOVE}
echo "$1" "$2" "$4" $(stat -c '%i' "$to.moved")
"""
"""POSIX shell with `ln`, `mv`, `rm` and `stat`, which GNU's and busybox's agree on. `mv` copies
where it cannot rename; then the inode is another one. It leaves nothing behind."""


class LinkObservation(Frozen):
    """What happened when the importer tried."""

    service: str
    source: str
    target: str
    code: int | None
    """The script's exit status; None: the importer does not run."""
    output: str = ""


def observe(engine: Engine, topology: Topology, service: Service) -> LinkObservation:
    """Link and move an empty file from a download folder to the library, as *service* would."""
    source, target = folders(topology)
    ran = engine.run(
        topology.container_name(service.name),
        ("sh", "-c", SCRIPT, "probe", source, target),
        user=user_of(topology, service),
    )
    return LinkObservation(
        service=service.name,
        source=source,
        target=target,
        code=None if ran is None else ran.code,
        output="" if ran is None else ran.output,
    )


def folders(topology: Topology) -> tuple[str, str]:
    """A download folder and a library folder, as containers see them."""
    known = topology.data.folders
    source = next(one for one in known if one.endswith("torrents"))
    target = next(one for one in known if one.startswith("media/"))
    return f"{DATA}/{source}", f"{DATA}/{target}"


def judge(seen: LinkObservation) -> Result:
    """Whether a link is a link, and a move is no copy."""
    verdict, evidence, hint = next(_answers(seen))
    return Result(
        rule="R07", subject=seen.service, verdict=verdict, evidence=one_line(evidence), hint=hint
    )


def _answers(seen: LinkObservation) -> Iterator[Answer]:
    way = f"from {seen.source} to {seen.target}"
    one_disk = (
        "mount the whole data root at /data, once, on one file system (one ZFS dataset, one btrfs "
        "subvolume, no exFAT)"
    )
    if seen.code is None:
        yield Verdict.UNDECIDABLE, "the importer does not run", "start it and ask again"
    if seen.code in NOT_STARTED:
        yield Verdict.UNDECIDABLE, f"a program is missing: {seen.output}", ""
    if seen.code == _NO_FOLDER:
        yield Verdict.UNDECIDABLE, f"not both folders are there: {way}", "is the disk mounted?"
    if seen.code == _NO_FILE:
        yield Verdict.FAILED, f"it may not write to {seen.source}: {seen.output}", _GROUP
    if seen.code == _NO_LINK:
        yield Verdict.FAILED, f"no link {way}: {seen.output}", one_disk
    if seen.code == _NO_MOVE:
        yield Verdict.FAILED, f"no move {way}: {seen.output}", one_disk
    yield from _measured(seen, way, one_disk)


_GROUP = "give every service the one media group, and the folders mode 2775"


def _measured(seen: LinkObservation, way: str, one_disk: str) -> Iterator[Answer]:
    numbers = seen.output.split()
    if seen.code or len(numbers) != 4 or not all(one.isdigit() for one in numbers):  # noqa: PLR2004 - as SCRIPT prints
        yield Verdict.UNDECIDABLE, f"the answer makes no sense: {seen.output}", ""
        return
    links, first, second, moved = map(int, numbers)
    if (links, first) != (2, second):
        yield Verdict.FAILED, f"{links} links, inodes {first} and {second} {way}", one_disk
    if moved != first:
        yield Verdict.FAILED, f"a move was a copy {way}: inodes {first} and {moved}", one_disk
    yield Verdict.PROVED, f"one inode with two links, and moved as it is, {way}", ""
