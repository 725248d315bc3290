"""The sandbox's key, and the `up` that shows the world what it signed."""

from pathlib import Path

from tame_components.domain.evidence import Evidence, SignedEvidence, new_key_pair
from tame_components.domain.proving import PRIVATE_KEY
from tame_components.ops.deployer import Deployer, Listener, silent
from tame_components.ops.evidence_files import publish
from tame_components.ops.gate.errors import KeyMissing, KeyPresent, StackMoved


def new_key(deployer: Deployer) -> str:
    """Make a key pair, keep the private key as a secret of the stack; the public one.

    Raises:
        KeyPresent: the stack has one; replacing it is a decision.
    """
    if deployer.config(PRIVATE_KEY) is not None:
        raise KeyPresent(deployer.stack, PRIVATE_KEY)
    private, public = new_key_pair()
    deployer.set_config(PRIVATE_KEY, private, secret=True)
    return public


def signed(deployer: Deployer, evidence: Evidence) -> SignedEvidence:
    """*evidence*, vouched for by the stack.

    Raises:
        KeyMissing: it has no key.
    """
    key = deployer.config(PRIVATE_KEY)
    if key is None:
        raise KeyMissing(deployer.stack, PRIVATE_KEY)
    return SignedEvidence.sign(evidence, key)


def show(
    deployer: Deployer, project: Path, vouched: SignedEvidence, listener: Listener = silent
) -> None:
    """Export *vouched* from the stack; nothing else may change.

    Raises:
        StackMoved: something else did.
    """
    publish(project, deployer.stack, vouched)
    outcome = deployer.up(listener=listener)
    if outcome.changes:
        raise StackMoved(
            deployer.stack, [f"{step.operation} {step.name}" for step in outcome.steps]
        )
