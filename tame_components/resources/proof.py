"""What another stack proved, asked before this one changes anything."""

import json
import time

import pulumi
from pulumi.runtime import config as runtime_config

from tame_components.domain.topology import Topology


def proved(topology: Topology, engine: str) -> pulumi.Input[str]:
    """*engine*, as soon as fresh, matching, passing evidence covers the stack's release.

    Nothing that needs the engine can be made before. A preview only reads the evidence, so that the
    policy pack can judge it together with everything else. A stack that demands no evidence gets
    *engine* back as it is, and so does one whose glass is broken, with a warning.

    Raises, when the evidence is there:
        RunError: with the text of EvidenceRefused.
    """
    settings = topology.settings.evidence
    if not settings.required or settings.sandbox is None or settings.public_key is None:
        return engine
    offered = pulumi.StackReference("evidence", stack_name=settings.sandbox).get_output("evidence")
    pulumi.export("proof", offered)  # the policy pack sees this stack's outputs, and no other's
    broken = settings.break_glass
    if broken is not None and broken.holds():
        pulumi.log.warn(
            f"the glass is broken: `{broken.owner}` deploys without evidence until "
            f"{broken.expires}: {broken.reason}"
        )
        pulumi.export("break_glass", broken.model_dump(mode="json"))
        return engine
    if pulumi.runtime.is_dry_run():
        return engine
    from tame_components.domain import evidence, evidence_errors  # noqa: PLC0415 - `up` alone pays

    demand = evidence.Demand(
        public_key=settings.public_key,
        max_age_days=settings.max_age_days,
        rehearsal=topology.settings.rehearsal,
        images=topology.images,
        config=topology.config,
    )

    def judged(record: object) -> str:
        refused = evidence.refusals(record, demand, time.time())
        if found := [f"{name}: {why}" for name, why in refused]:
            raise pulumi.RunError(str(evidence_errors.EvidenceRefused(topology.stack, found)))
        return engine

    return offered.apply(judged)


def vouched(stack: str, told: str | None) -> pulumi.Input[str | None]:
    """What *stack* exports as its evidence: *told* or what it exported so far, the newer one.

    `tame gate --sign` leaves its record in one checkout, and the next job has another one. Only a
    stack with a key asks itself; it does so always, so that nothing comes and goes between two
    deployments.
    """
    if "evidence" not in json.loads(runtime_config.CONFIG.get().get("tame:secrets", "{}")):
        return told
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"
    before = pulumi.StackReference("evidence-so-far", stack_name=own).get_output("evidence")
    return before.apply(lambda record: max((told, record), key=_signed_at))


def _signed_at(record: str | None) -> str:
    """When a record's gate ended, ISO 8601 in UTC; empty where it is none."""
    try:
        return str(json.loads(json.loads(record or "")["record"])["ended"])
    except (ValueError, KeyError, TypeError):
        return ""
