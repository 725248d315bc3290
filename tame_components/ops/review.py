"""A change, as a person who does not know Pulumi reads it: the comment on a pull request."""

from collections.abc import Iterator

from tame_components.domain.base import Frozen
from tame_components.domain.topology import Topology
from tame_components.ops.blast_radius import BlastRadius, Effect, Touched, blast_radius, in_words
from tame_components.ops.deployer import Outcome, PolicyFinding


MARK = "<!-- tame: one comment, updated -->"
"""By this the comment is found again."""
UNPROVED = "unproved-release"
"""The policy that stops prod until the sandbox has proved a release; a review only says so."""


class StackReview(Frozen):
    """What a change does to one stack."""

    stack: str
    environment: str
    failed: str | None
    """Why it cannot be deployed at all, in the engine's words."""
    violations: tuple[str, ...]
    """Mandatory: they stop the deployment."""
    advice: tuple[str, ...]
    unproved: tuple[str, ...]
    """What the sandbox has to prove before this stack takes the change."""
    radius: BlastRadius


def review(topology: Topology, outcome: Outcome, failed: str | None = None) -> StackReview:
    """What *outcome*, of a preview of *topology*, means."""
    lacking = [one for one in outcome.findings if one.policy == UNPROVED]
    mandatory = [one for one in outcome.findings if one.level == "mandatory" and one not in lacking]
    advisory = [one for one in outcome.findings if one not in mandatory and one not in lacking]
    return StackReview(
        stack=topology.stack,
        environment=topology.settings.environment.value,
        failed=failed,
        violations=tuple(map(_said, mandatory)),
        advice=tuple(map(_said, advisory)),
        unproved=tuple(" ".join(one.message.split()) for one in lacking),
        radius=blast_radius(topology, outcome),
    )


def markdown(reviews: list[StackReview]) -> str:
    """The comment."""
    parts = [MARK, "## What this change does", ""]
    for one in reviews:
        parts += [f"### {one.stack} ({one.environment})", "", *_stack(one), ""]
    return "\n".join(parts).rstrip() + "\n"


def _stack(one: StackReview) -> Iterator[str]:
    if one.failed:
        yield f"**It cannot be deployed.** {_fenced(one.failed)}"
    if one.violations:
        yield f"**The doctrine stops it** ({len(one.violations)}):"
        yield ""
        yield from (f"- {said}" for said in one.violations)
        yield ""
    yield from _services(one.radius)
    if one.unproved:
        yield "After the merge the sandbox proves it; until then this stack refuses the change."
        yield ""
        yield from _folded("What is to be proved", one.unproved)
    if one.radius.others:
        yield from _folded("Networks, images and folders", one.radius.others)
    if one.advice:
        yield from _folded("Advice, which stops nothing", one.advice)


def _services(radius: BlastRadius) -> Iterator[str]:
    if not radius.services:
        yield "No service is touched."
        yield ""
        return
    yield _summary(radius)
    yield ""
    yield "| service | what happens | why | away for | snapshot before |"
    yield "| --- | --- | --- | --- | --- |"
    for one in radius.services:
        cells = (one.service, one.effect, _reasons(one), in_words(one.downtime), _yes(one.snapshot))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _summary(radius: BlastRadius) -> str:
    counts = {
        effect: len([one for one in radius.services if one.effect is effect]) for effect in Effect
    }
    parts = [f"{count} {effect}" for effect, count in counts.items() if count]
    away = f" Until all is back: {in_words(radius.downtime)}." if any(radius.downtime) else ""
    return f"**{', '.join(parts)}.**{away}"


def _reasons(one: Touched) -> str:
    return "; ".join(one.why) or "-"


def _yes(value: bool) -> str:  # noqa: FBT001 - of a cell
    return "yes" if value else "-"


def _said(finding: PolicyFinding) -> str:
    about = f" ({finding.urn.rpartition('::')[2]})" if finding.urn else ""
    return f"`{finding.policy}`{about}: {' '.join(finding.message.split())}"


def _folded(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    yield f"<details><summary>{title} ({len(lines)})</summary>"
    yield ""
    yield from (f"- {line}" for line in lines)
    yield ""
    yield "</details>"
    yield ""


def _fenced(text: str) -> str:
    return f"\n\n```text\n{text.strip()}\n```\n"
