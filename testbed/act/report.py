"""What a run did, read from the runner's own log: one JSON object in each line."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


_NANO = 1e9


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow that has ended."""

    job: str
    name: str
    result: str
    """`success`, `failure` or `skipped`."""
    seconds: float


@dataclass
class Report:
    """A whole run."""

    steps: list[Step] = field(default_factory=list)
    jobs: dict[str, str] = field(default_factory=dict)
    """The result of each job."""
    errors: list[str] = field(default_factory=list)
    """What the runner itself complained of."""

    @property
    def passed(self) -> bool:
        """Whether every job that began has ended well; False where none began."""
        return bool(self.jobs) and set(self.jobs.values()) == {"success"}

    def add(self, other: "Report") -> None:
        """Take over what *other* says."""
        self.steps += other.steps
        self.jobs |= other.jobs
        self.errors += other.errors


def read(lines: Iterable[str], say: Callable[[str], None] = lambda _: None) -> Report:
    """Read the log of a run, and pass on what the steps print.

    Args:
        lines: as the runner writes them, with `--json`.
        say: is told each line that a step prints, with the job's name before it.
    """
    report = Report()
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            if line.strip():
                say(line.rstrip())
            continue
        _take(event, report, say)
    return report


def _take(event: dict[str, object], report: Report, say: Callable[[str], None]) -> None:
    job, text = str(event.get("jobID", "")), str(event.get("msg", "")).rstrip()
    step = event.get("stepID")
    if event.get("raw_output"):
        say(f"{job} | {text}")
    elif event.get("level") == "error":
        report.errors.append(f"{job}: {text}".removeprefix(": "))
        say(f"{job} ! {text}")
    if "jobResult" in event:
        report.jobs[job] = str(event["jobResult"])
    # An action's own steps have a longer path.
    if "stepResult" in event and event.get("stage") == "Main" and _top(step):
        took = float(str(event.get("executionTime", 0))) / _NANO
        report.steps.append(Step(job, _short(str(event["step"])), str(event["stepResult"]), took))


def _top(step: object) -> bool:
    return isinstance(step, list) and len(step) == 1


def _short(name: str) -> str:
    """A step's name on one line; an action's without its commit."""
    return name.splitlines()[0].partition("@")[0]
