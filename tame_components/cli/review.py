"""`tame review`: what the change at hand does to each stack, for people."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tame_components.cli.files import save
from tame_components.cli.screen import note, say, say_json
from tame_components.ops import review_sarif
from tame_components.ops.deployer import Outcome, deployer_of
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.project import Project, find_project
from tame_components.ops.review import UNPROVED, StackReview, markdown, review


NOT_WELL = 3


def run(
    cwd: Path,
    stacks: Sequence[str],
    *,
    policies: Path | None,
    output: Path | None,
    sarif: Path | None,
    as_json: bool,
) -> int:
    """Preview *stacks* and say what would happen; 3 where one of them cannot be deployed."""
    project = find_project(cwd)
    reviews = [_review(project, stack, policies) for stack in stacks or project.stacks]
    if sarif is not None:
        log = review_sarif.sarif(reviews, version("tame-media"))
        save(sarif, json.dumps(log, indent=2))
    if as_json:
        say_json([one.model_dump(mode="json") for one in reviews])
    elif output is None:
        say(markdown(reviews))
    else:
        save(output, markdown(reviews))
    return NOT_WELL if any(one.failed or one.violations for one in reviews) else 0


def _review(project: Project, stack: str, policies: Path | None) -> StackReview:
    note(f"previewing {stack}")
    file = project.stack_file(stack)
    try:
        # A change is proved after its merge: until then prod refuses it, which is no reproach.
        outcome = deployer_of(project.root, stack).preview(policies=policies, advisory=[UNPROVED])
    except DeploymentFailed as error:
        return review(file.topology, Outcome("preview"), str(error))
    return review(file.topology, outcome)
