"""`ci/act WORKFLOW [JOB ...]`: run a workflow of `.github/` on this machine, step by step.

pull-request   proposes a newer release of one application, as a pull request would
deploy         deploys and proves the sandbox, and promotes production; with `--merged`, the
               newer release; with `--failing`, one that production rolls back
clean          removes both rehearsal stacks and all that a run left

Approval of the environment `production`, code scanning and the artifact store are the hosted
service's: the first is not asked for, the others are files below `.tame/act/kept`.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tame_components.cli.screen import table
from tame_components.domain.errors import TameError
from testbed.act import hosted, program, runner, stage
from testbed.act.errors import WorkflowUnknown
from testbed.act.report import Report
from testbed.act.stage import Stage
from testbed.project import ROOT


_AS_IT_IS = {"check", "test"}
"""Jobs that judge the checkout itself; the others work on rehearsal stacks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 where every job ended well."""
    parser = argparse.ArgumentParser(
        prog="ci/act", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workflow", help=", ".join([*runner.WORKFLOWS, "clean"]))
    parser.add_argument("job", nargs="*", help="only these jobs")
    parser.add_argument("--merged", action="store_true", help="deploy what the pull request has")
    parser.add_argument("--failing", action="store_true", help="deploy what fails after a minute")
    parser.add_argument("--pytest", default="", help="pytest's options in `ci/check` and `ci/test`")
    told = parser.parse_args(arguments)
    try:
        if told.workflow == "clean":
            stage.clean(Stage())
            return 0
        newer = told.merged or told.failing or told.workflow != "deploy"
        proposal = Proposal(newer=newer, failing=told.failing)
        found = perform(told.workflow, told.job, proposal, pytest=told.pytest)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # ci/act says that it was interrupted
    _show(found)
    return 0 if found.passed else 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the newest commit asks for."""

    newer: bool
    """The next release, not the first one."""
    failing: bool
    """The next release is one that fails late."""


def perform(workflow: str, wanted: Sequence[str], proposal: Proposal, *, pytest: str) -> Report:
    """Set the stage, run the workflow, tell what happened."""
    known = runner.jobs(workflow)
    for one in wanted:
        if one not in known:
            raise WorkflowUnknown(f"job of `{workflow}`", one, known)
    chosen = tuple(wanted) or known
    act = program.ensure(os.environ, _say)
    gh = program.require("gh", "gh", _say)
    program.require("node", "nodejs", _say)  # act evaluates hashFiles() with it
    place, whole = Stage(), Report()
    place.kept.mkdir(parents=True, exist_ok=True)
    with hosted.comments(place.kept / "comments.json", repository=place.origin) as address:
        hosted.write_wrapper(place.home / "bin", gh, address)
        for job in _separately(workflow, chosen):
            _step(f"stage for {job or workflow}")
            commit = _set(place, None if job in _AS_IT_IS else proposal)
            call = _call(place, act, workflow=workflow, commit=commit, job=job, pytest=pytest)
            _step(f"act {workflow} {job or ''}".rstrip())
            whole.add(runner.run(call, _say))
    return whole


def _separately(workflow: str, chosen: Sequence[str]) -> list[str | None]:
    """One run for each job; jobs of which one needs another run together."""
    return [None] if workflow == "deploy" and len(chosen) > 1 else list(chosen)


def _set(place: Stage, proposal: Proposal | None) -> str:
    stage.copy_tree(place)
    if proposal is None:
        return stage.commit(place, "the checkout as it is")
    host = stage.docker_host(_say)
    registry = place.registry()
    registry.start()
    first, second = stage.releases(host, registry, _say, failing=proposal.failing)
    stage.prepare(place, first, host)
    commit = stage.commit(place, "two stacks")
    if proposal.newer:
        stage.prepare(place, second, host)
        commit = stage.commit(
            place, f"prowlarr {stage.FAILING if proposal.failing else stage.NEXT}"
        )
    return commit


def _call(
    place: Stage, act: Path, *, workflow: str, commit: str, job: str | None, pytest: str
) -> runner.Call:
    path = f"{place.home / 'bin'}{os.pathsep}{_plain_path()}"
    return runner.Call(
        act=act,
        repository=place.repository,
        workflow=workflow,
        home=place.home,
        commit=commit,
        actions=hosted.write_actions(place.home / "actions"),
        variables={} if job in _AS_IT_IS else {"PULUMI_BACKEND_URL": place.backend},
        environment={
            "PATH": path,
            "TAME_ACT_KEPT": str(place.kept),
            **place.redirection,
            **({"PYTEST_ADDOPTS": pytest} if pytest else {}),
        },
        secrets={"PULUMI_CONFIG_PASSPHRASE": stage.PASSPHRASE, "GITHUB_TOKEN": "no-token-at-all"},
        job=job,
    )


def _plain_path() -> str:
    """PATH without this checkout's own programs: a runner's machine has none of them."""
    parts = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(part for part in parts if not part.startswith(str(ROOT)))


_BEGUN = time.monotonic()


def _step(name: str) -> None:
    _say(f"== {name} ({time.monotonic() - _BEGUN:.0f} s so far)")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(found: Report) -> None:
    rows = [[one.job, one.name, one.result, f"{one.seconds:.1f} s"] for one in found.steps]
    for line in table(["JOB", "STEP", "RESULT", "TOOK"], rows, shrink=1):
        print(line)
    for job, result in found.jobs.items():
        print(f"{job}: {result}")


if __name__ == "__main__":
    sys.exit(main())
