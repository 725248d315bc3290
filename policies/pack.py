"""All policies of the pack, and what has to happen before it is served."""

import threading

from pulumi_policy import Policy

from policies import (
    addresses,
    compatibility,
    coverage,
    evidence,
    exemptions,
    exposure,
    health,
    identity,
    images,
    limits,
    paths,
    privileges,
    secrets,
    servicer,
    sockets,
    state,
    storage,
    tunnel,
    vpn,
    watching,
)
from policies.policy import SESSION, set_levels
from tame_components.rules import RULES


_FAMILIES = (
    *(images, paths, storage, state, sockets, exposure, vpn, tunnel, addresses, secrets),
    *(
        identity,
        privileges,
        health,
        limits,
        watching,
        compatibility,
        exemptions,
        coverage,
        evidence,
    ),
)

POLICIES: list[Policy] = [policy for family in _FAMILIES for policy in family.POLICIES]


def prepare() -> None:
    """Listen to the stack's configuration, and read what judging needs while the engine waits.

    Until the engine says which environment the stack is, every level is that of prod.
    """
    set_levels(POLICIES, RULES)
    servicer.install(SESSION, configured=lambda: set_levels(POLICIES, RULES))
    threading.Thread(target=_read_ahead, daemon=True).start()


def _read_ahead() -> None:
    """Import the facts, 0.1 s, while the program that is judged starts."""
    from policies import facts  # noqa: F401, PLC0415 - for its cost
