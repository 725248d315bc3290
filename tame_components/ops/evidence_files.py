"""Evidence on disk: every run of the gate, and the signed record that the stack exports.

Below `.tame-evidence/<stack>/` beside the project: one JSON file for each run, never changed
afterwards, and `signed.json`, which the program exports as the stack's output `evidence`.
"""

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:  # the program of every stack reads this file, and its time counts
    from tame_components.domain.evidence import Evidence, SignedEvidence


FOLDER = ".tame-evidence"
_SIGNED = "signed.json"


def folder_of(project: Path, stack: str) -> Path:
    """Where the evidence of *stack* lies."""
    return project / FOLDER / stack


def keep(folder: Path, evidence: "Evidence") -> Path:
    """Write one run of the gate down in *folder*; the file that holds it."""
    moment = evidence.ended.replace(":", "").replace("-", "").partition("+")[0]
    name = f"{moment}Z-{evidence.release.id}-{evidence.verdict.value}"
    # Two runs may end within one second.
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    place = next(one for each in names if not (one := folder / f"{each}.json").exists())
    _write(place, evidence.model_dump_json(indent=2) + "\n")
    return place


def publish(project: Path, stack: str, signed: "SignedEvidence") -> Path:
    """Make *signed* what the stack exports from its next `up` on."""
    place = folder_of(project, stack) / _SIGNED
    _write(place, signed.model_dump_json() + "\n")
    return place


def exported(project: str | None, stack: str) -> str | None:
    """What the stack exports as `evidence`: the JSON of a `SignedEvidence`; None: nothing yet.

    Args:
        project: the directory of `Pulumi.yaml`; None where a test runs the program without one.
        stack: the stack's name.
    """
    if project is None:
        return None
    try:
        return (folder_of(Path(project), stack) / _SIGNED).read_text("utf-8").strip() or None
    except OSError:
        return None


def _write(place: Path, text: str) -> None:
    """In one step: an interrupted run leaves the file that was there."""
    from tame_components.ops import durable  # noqa: PLC0415 - see above: programs only read

    place.parent.mkdir(parents=True, exist_ok=True)
    durable.write(place, text)
