"""A Docker engine for rehearsals: one that runs already, else a private one.

>>> from testbed.engine import ensure
>>> engine = ensure()  # doctest: +SKIP
>>> engine.host  # doctest: +SKIP
'unix:///run/tame-engine/docker.sock'

The command line is `python -m testbed.engine ensure|status|sweep|stop`.
"""

from collections.abc import Callable

from testbed.engine.daemon import PRIVATE, Daemon
from testbed.engine.errors import EngineCrashed, EngineNotInstallable
from testbed.engine.find import Engine, find
from testbed.engine.install import install


__all__ = [
    "PRIVATE",
    "Daemon",
    "Engine",
    "EngineCrashed",
    "EngineNotInstallable",
    "ensure",
    "find",
    "install",
]


def ensure(say: Callable[[str], None] = lambda _: None, *, daemon: Daemon = PRIVATE) -> Engine:
    """An engine that answers: what `find` finds, else *daemon*, installed and started.

    Args:
        say: Is told about every step that takes more than a moment.
        daemon: The private engine to start when no other one answers.

    Raises:
        EngineUnreachable: `DOCKER_HOST` names an engine that does not answer.
        EngineNotInstallable: There is no engine, and this machine cannot get one from here.
        EngineCrashed: The private engine did not come up.
    """
    found = find(daemon)
    if found is not None:
        return found
    with daemon.locked():
        found = find(daemon)  # another checkout may have started it while this one waited
        if found is not None:
            return found
        install(say)
        daemon.start(say)
    found = find(daemon)
    if found is None:
        raise EngineCrashed(daemon.log, "it stopped as soon as it had started")
    return found
