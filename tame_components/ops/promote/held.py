"""The program's own question before an `up`: is this a release that had to be taken back?"""

from tame_components.domain.topology import Topology
from tame_components.ops.promote.errors import ReleaseHeld
from tame_components.ops.promote.places import Places, release_id


def refuse_held(topology: Topology) -> None:
    """Refuse what was rolled back, until a pin or a setting moves.

    Raises:
        ReleaseHeld: it was rolled back from this stack.
    """
    if not topology.settings.local:
        return
    held = Places.of(topology).held()
    if held is not None and held.release == release_id(topology):
        raise ReleaseHeld(topology.stack, held.release, held.why)
