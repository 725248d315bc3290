"""A revert as a person reads it: the text of the commit, and the page of the pull request."""

from collections.abc import Iterator

from tame_components.domain.evidence import Evidence
from tame_components.ops.promote.history import moved, tag
from tame_components.ops.promote.reverting import Revert


LIMIT = 60_000
"""Characters; GitHub takes 65,536 in a pull request."""


def message(revert: Revert) -> str:
    """Of the commit."""
    lines = [
        revert.title,
        "",
        f"Release {revert.held.release} was held on {revert.stack}: {revert.held.why}",
        "",
        *(f"Takes back {one.id}" for one in revert.commits),
    ]
    return "\n".join(lines)


def markdown(revert: Revert) -> str:
    """The page; evidence that would make it too long is left out, and it says so."""
    parts = [*_what(revert), *_evidence(revert), *_after(revert)]
    folded = []
    room = LIMIT - sum(map(len, parts)) - len(parts)
    for title, evidence in _records(revert):
        block = _folded(title, evidence)
        if len(block) > room:
            block = f"{title}: too long for this page; it is below `{_folder(revert)}`."
        room -= len(block)
        folded += [block, ""]
    return "\n".join([*parts, *folded]).rstrip() + "\n"


def _what(revert: Revert) -> Iterator[str]:
    held, stack = revert.held, revert.stack
    yield f"**`{stack}` went back to release `{revert.previous.id}`**, which is proved again."
    yield f"It could not keep release `{held.release}`:"
    yield ""
    yield f"> {held.why}"
    yield ""
    images = moved(revert.asked, revert.previous.release.images)
    if images:
        yield "| service | taken back | runs again |"
        yield "| --- | --- | --- |"
        for service, (bad, good) in images.items():
            yield f"| {service} | {tag(bad)} | {tag(good)} |"
        yield ""
    if revert.incident and revert.incident.snapshots:
        names = ", ".join(f"{name} `{one}`" for name, one in revert.incident.snapshots.items())
        yield f"Their databases are those of before; the snapshots: {names}."
        yield ""


def _evidence(revert: Revert) -> Iterator[str]:
    for title, evidence in (
        (f"What the gate said of `{revert.held.release}`", revert.refuted),
        (f"What it says of `{revert.previous.id}`", revert.proved),
    ):
        if evidence is None:
            continue
        yield f"### {title}: {evidence.verdict}"
        yield ""
        yield "| check | verdict | |"
        yield "| --- | --- | --- |"
        for one in evidence.checks:
            verdict = one.verdict if one.required else f"{one.verdict} (advice)"
            yield f"| {one.title} | {verdict} | {_cell(one.said)} |"
        yield ""


def _after(revert: Revert) -> Iterator[str]:
    stack, release = revert.stack, revert.held.release
    yield "### What this pull request does"
    yield ""
    yield "It takes back:"
    yield from (f"- {one.id[:8]} {one.title}" for one in revert.commits)
    yield ""
    if revert.settles:
        yield f"With it `{stack}` asks for `{revert.previous.id}`, which runs already."
    yield (
        f"Until it is merged, or another release is asked for, `pulumi up` and `tame promote` "
        f"refuse `{release}` on `{stack}` (TAME854)."
    )
    yield (
        "The sandbox follows the merge with its images, not with its databases. An application "
        "there that cannot read what the newer one wrote needs a snapshot (`tame restore`), or its "
        "state moved aside: a sandbox has nothing to lose."
    )
    yield ""


def _records(revert: Revert) -> Iterator[tuple[str, Evidence]]:
    if revert.refuted:
        yield f"Evidence against {revert.held.release}", revert.refuted
    if revert.proved:
        yield f"Evidence for {revert.previous.id}", revert.proved


def _folded(title: str, evidence: Evidence) -> str:
    return (
        f"<details><summary>{title}</summary>\n\n```json\n{evidence.model_dump_json(indent=1)}\n"
        "```\n\n</details>"
    )


def _folder(revert: Revert) -> str:
    return f".tame-evidence/{revert.stack}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
