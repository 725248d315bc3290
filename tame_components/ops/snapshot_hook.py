"""The snapshot of a whole machine or file system: before a promotion, or when somebody asks."""

from collections.abc import Callable

from tame_components.domain.host_errors import SnapshotHookFailed
from tame_components.domain.snapshot_hook import SnapshotHook
from tame_components.domain.topology import Topology
from tame_components.generated import host as scripts
from tame_components.ops.host import Host


_PATIENCE = 600.0
"""Seconds; a snapshot with a machine's memory takes minutes."""


def before_promotion(topology: Topology, tell: Callable[[str], None]) -> str | None:
    """Take it where the settings ask for one then; see `take`.

    Call it before anything is changed: it changes nothing of the stack itself.
    """
    hook = _hook(topology)
    return take(topology, tell) if hook and hook.before_promotion else None


def take(topology: Topology, tell: Callable[[str], None]) -> str | None:
    """Take one now; its name, or None where the settings have no hook.

    Raises:
        SnapshotHookFailed: it could not be taken, or an old one could not be removed.
    """
    hook = _hook(topology)
    if hook is None:
        return None
    tell(f"snapshot of {hook.kind} `{hook.of}`")
    place = Host(hook.over or topology.settings.engine)
    try:
        done = place.run("sh", "-c", scripts.snapshot(hook), patience=_PATIENCE)
    except OSError as error:
        raise SnapshotHookFailed(hook.kind, hook.of, str(error)) from error
    if done.returncode != 0:
        raise SnapshotHookFailed(hook.kind, hook.of, _last(done.stderr))
    name = done.stdout.decode().strip()
    tell(f"snapshot {name} taken")
    return name


def _hook(topology: Topology) -> SnapshotHook | None:
    preparation = topology.settings.preparation
    return preparation.snapshot_hook if preparation else None


def _last(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason was given"
