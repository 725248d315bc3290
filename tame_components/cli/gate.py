"""`tame gate`: may prod run what this stack runs?"""

import sys
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import note, painted, paints, say, say_json, symbol, table
from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import CheckResult, Evidence
from tame_components.ops.deployer import deployer_of
from tame_components.ops.engine import connect
from tame_components.ops.evidence_files import folder_of, keep
from tame_components.ops.gate.model import Scene
from tame_components.ops.gate.run import examine
from tame_components.ops.gate.signing import new_key, show, signed
from tame_components.ops.project import Project, StackFile, find_project
from tame_components.ops.revision import revision_of


_LOOK = {
    Verdict.PASSED: ("✔", "+", "green"),
    Verdict.FAILED: ("✘", "x", "red"),
    Verdict.INCONCLUSIVE: ("?", "?", "yellow"),
    Verdict.NOT_APPLICABLE: ("·", "-", "dim"),
}


def make_key(cwd: Path, stack: str | None) -> int:
    """Make the key that signs; the public one is printed."""
    project = find_project(cwd)
    chosen = project.stack_file(stack)
    public = new_key(deployer_of(project.root, chosen.stack))
    note(f"the private key is a secret of `{chosen.stack}`; into the settings of prod goes:")
    say("  tame:evidence:")
    say("    required: true")
    say(f"    sandbox: organization/{project.name}/{chosen.stack}")
    say(f"    public_key: {public}")
    return OK


def run(cwd: Path, stack: str | None, *, soak: int | None, as_json: bool, sign: bool) -> int:
    """Examine the stack, keep the evidence; 0 where it proves the release."""
    project = find_project(cwd)
    chosen = project.stack_file(stack)
    progress = _Progress()
    evidence = _evidence(project, chosen, soak, progress)
    progress.end()
    place = keep(folder_of(project.root, evidence.stack), evidence)
    if as_json:
        say_json({**evidence.model_dump(mode="json"), "verdict": evidence.verdict.value})
    else:
        for line in lines(evidence):
            say(line)
        say(f"evidence: {place}")
    if evidence.verdict is not Verdict.PASSED:
        return NOT_WELL
    if sign:
        deployer = deployer_of(project.root, chosen.stack)
        show(deployer, project.root, signed(deployer, evidence), lambda one: note(one.text))
        note(f"signed, and exported by `{chosen.stack}` as `evidence`")
    return OK


def _evidence(
    project: Project, chosen: StackFile, soak: int | None, progress: "_Progress"
) -> Evidence:
    deployer = deployer_of(project.root, chosen.stack)
    policies = project.root / "policies"
    progress.tell("preview")
    scene = Scene(
        topology=chosen.topology,
        engine=connect(chosen.settings.engine),
        deployer=deployer,
        preview=deployer.preview(policies=policies if policies.exists() else None),
        soak=chosen.settings.evidence.soak_seconds if soak is None else soak,
        tell=progress.tell,
        program=revision_of(project.root),
    )
    return examine(scene, progress.heard)


class _Progress:
    """What is being done: one line that is written over, or one line for each result."""

    def tell(self, text: str) -> None:
        if paints(sys.stderr):
            sys.stderr.write(f"\r\x1b[K{text}"[:200])
            sys.stderr.flush()

    def heard(self, result: CheckResult) -> None:
        if not paints(sys.stderr):
            note(f"{result.name}: {result.verdict}")

    def end(self) -> None:
        if paints(sys.stderr):
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def lines(evidence: Evidence) -> list[str]:
    """The whole page."""
    release = evidence.release
    head = f"gate of stack {evidence.stack} ({evidence.environment}), release {release.id}"
    body = table(
        ["  CHECK", "VERDICT", "WHY"],
        [_row(one) for one in evidence.checks],
        shrink=2,
        colours=[_LOOK[one.verdict][2] for one in evidence.checks],
    )
    return [painted(head, "bold"), "", *body, "", *_verdict(evidence)]


def _row(one: CheckResult) -> list[str]:
    preferred, plain, _ = _LOOK[one.verdict]
    advice = "" if one.required else "advice: "
    return [f"{symbol(preferred, plain)} {one.name}", str(one.verdict), advice + one.said]


def _verdict(evidence: Evidence) -> list[str]:
    """The reasons once more in full: the table shortens them."""
    colour = _LOOK[evidence.verdict][2]
    reasons = [f"  {one.name}: {one.said}" for one in evidence.unproved]
    return [painted(f"verdict: {evidence.verdict}", colour), *reasons]
