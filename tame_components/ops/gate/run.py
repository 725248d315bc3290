"""The gate itself: every check once, in order, whatever the one before it came to."""

import traceback
from collections.abc import Callable, Iterable

from tame_components.domain.errors import TameError
from tame_components.domain.evidence import CheckResult, Evidence, now
from tame_components.ops.gate.model import Check, Finding, Scene, inconclusive
from tame_components.ops.gate.registry import CHECKS
from tame_components.ops.gate.running import release_of


def examine(
    scene: Scene,
    heard: Callable[[CheckResult], None],
    checks: Iterable[Check] = CHECKS,
) -> Evidence:
    """Look at everything, and write down what was seen.

    Args:
        scene: the stack.
        heard: told of each result as it comes.
        checks: which; all by default.

    Raises:
        EngineUnreachable: the engine was not there at the start or at the end.
    """
    started = now()
    for check in checks:
        scene.tell(check.title)
        finding = _judged(check, scene)
        scene.results[check.name] = CheckResult(
            name=check.name,
            title=check.title,
            verdict=finding.verdict,
            said=finding.said,
            required=check.required,
            measured=dict(finding.measured),
        )
        heard(scene.results[check.name])
    settings = scene.topology.settings
    return Evidence(
        stack=scene.topology.stack,
        environment=settings.environment.value,
        rehearsal=settings.rehearsal,
        release=release_of(scene),
        checks=tuple(scene.results.values()),
        started=started,
        ended=now(),
        soak_seconds=scene.soak,
    )


def _judged(check: Check, scene: Scene) -> Finding:
    """A check that cannot be made is no success, and no reason to skip the others."""
    try:
        return check.run(scene)
    except TameError as error:
        return inconclusive(error.what)
    # An engine that goes away, a disk that cannot be read; a fault of ours proves nothing either.
    except Exception as error:  # noqa: BLE001 - as said
        said = f"{type(error).__name__}: {error}"
        return inconclusive(said, traceback=traceback.format_exception(error))
