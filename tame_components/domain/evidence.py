"""Evidence: what the gate measured on the sandbox, signed, and what prod demands of it.

Ed25519 (RFC 8032) over the canonical JSON of the record. The private key is a secret of the
sandbox; the public one stands in prod's settings, so that prod believes nobody else.
"""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError

from tame_components.domain.analysis import Verdict
from tame_components.domain.base import Frozen
from tame_components.domain.release import Release, canonical


SCHEMA_VERSION = 1
_DAY = 86_400.0
_CLOCK_SKEW = 300.0
"""Seconds that two machines' clocks may differ."""


def _moment(text: str) -> str:
    if dt.datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a moment with its time zone")
    return text


Moment = Annotated[str, AfterValidator(_moment)]
"""Kept as text: what was signed must not change on the way through a reader."""


def now() -> Moment:
    """ISO 8601, UTC, to the second."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")


class CheckResult(Frozen):
    """What one check of the gate came to."""

    name: str
    title: str
    verdict: Verdict
    said: str
    """Why, in one sentence."""
    required: bool = True
    """Whether the release is proved only where this did not fail."""
    measured: dict[str, Any] = Field(default_factory=dict)
    """Numbers and names, thresholds among them; plain JSON."""


class Evidence(Frozen):
    """One run of the gate."""

    schema_version: int = SCHEMA_VERSION
    stack: str
    environment: str
    rehearsal: bool
    release: Release
    checks: tuple[CheckResult, ...]
    started: Moment
    """ISO 8601, UTC."""
    ended: Moment
    soak_seconds: int

    @property
    def verdict(self) -> Verdict:
        """Failed where a required check failed; else inconclusive where one was; else passed."""
        found = {check.verdict for check in self.checks if check.required}
        for worst in (Verdict.FAILED, Verdict.INCONCLUSIVE):
            if worst in found:
                return worst
        return Verdict.PASSED if Verdict.PASSED in found else Verdict.INCONCLUSIVE

    @property
    def unproved(self) -> tuple[CheckResult, ...]:
        """The required checks that did not pass, though they apply."""
        wrong = (Verdict.FAILED, Verdict.INCONCLUSIVE)
        return tuple(one for one in self.checks if one.required and one.verdict in wrong)

    def canonical(self) -> bytes:
        """What is signed."""
        return canonical(self.model_dump(mode="json"))


class SignedEvidence(Frozen):
    """A record, and who vouches for it. Kept as text, so that no reader changes what was signed."""

    record: str
    """The canonical JSON of an `Evidence`."""
    public_key: str
    """Base64. Says whose the signature claims to be; only prod's own setting is believed."""
    signature: str
    """Base64."""

    @classmethod
    def sign(cls, evidence: Evidence, private_key: str) -> Self:
        """*evidence*, signed with the base64 of an Ed25519 private key."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - 40 ms

        key = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
        signature = key.sign(evidence.canonical())
        return cls(
            record=evidence.canonical().decode(),
            public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
            signature=base64.b64encode(signature).decode(),
        )

    def signed_by(self, public_key: str) -> bool:
        """Whether the signature is right, and of this key."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see `sign`
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

        try:
            key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
            key.verify(base64.b64decode(self.signature), self.record.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def new_key_pair() -> tuple[str, str]:
    """A private and a public key, in base64."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - 40 ms

    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    return base64.b64encode(raw[0]).decode(), base64.b64encode(raw[1]).decode()


class Refusal(StrEnum):
    """Why evidence does not cover what a stack wants to run; the names that people see."""

    NONE = "no-evidence"
    UNREADABLE = "unreadable-evidence"
    FOREIGN = "foreign-evidence"
    TAMPERED = "tampered-evidence"
    STALE = "stale-evidence"
    FAILED = "failed-evidence"
    OTHER = "other-release"


class Demand(Frozen):
    """What a stack demands of evidence."""

    public_key: str
    max_age_days: int
    rehearsal: bool
    """A rehearsal's evidence proves stand-ins: it counts for rehearsals alone."""
    images: dict[str, str]
    """What is to run, by service."""
    config: str


def refusals(offered: object, demand: Demand, now: float) -> Iterator[tuple[Refusal, str]]:
    """Why *offered* does not cover what *demand* wants to run; nothing where it does.

    Args:
        offered: the sandbox's output `evidence`: the JSON of a `SignedEvidence`, or None.
        demand: what is asked.
        now: Unix time.
    """
    if offered is None:
        yield Refusal.NONE, "the sandbox has no evidence: nobody ran `tame gate --sign` there"
        return
    read = _read(offered)
    if isinstance(read, str):
        yield Refusal.UNREADABLE, f"the sandbox's evidence cannot be read: {read}"
        return
    signed, evidence = read
    if not signed.signed_by(demand.public_key):
        if signed.public_key == demand.public_key:
            yield Refusal.TAMPERED, "the evidence was changed after it was signed"
        else:
            key = signed.public_key
            yield Refusal.FOREIGN, f"the key `{key}` signed it, not `tame:evidence.public_key`"
        return
    yield from _unfit(evidence, demand, now)


def _unfit(evidence: Evidence, demand: Demand, now: float) -> Iterator[tuple[Refusal, str]]:
    age = (now - dt.datetime.fromisoformat(evidence.ended).timestamp()) / _DAY
    if age > demand.max_age_days or age < -_CLOCK_SKEW / _DAY:
        yield (
            Refusal.STALE,
            f"the evidence is of {evidence.ended}, {age:.1f} days old; {demand.max_age_days} count",
        )
    if evidence.verdict is not Verdict.PASSED:
        names = ", ".join(f"`{one.name}`" for one in evidence.unproved) or "every check"
        yield Refusal.FAILED, f"the gate did not pass: {names}"
    if evidence.rehearsal and not demand.rehearsal:
        yield Refusal.FOREIGN, "the evidence is of a rehearsal: it proves stand-ins"
    for gap in evidence.release.gaps(demand.images, demand.config):
        yield Refusal.OTHER, gap


def _read(offered: object) -> tuple[SignedEvidence, Evidence] | str:
    """The record, or what is wrong with it."""
    try:
        signed = SignedEvidence.model_validate_json(offered if isinstance(offered, str) else "")
        told = json.loads(signed.record)
        version = told.get("schema_version") if isinstance(told, dict) else None
        if version != SCHEMA_VERSION:
            return f"its schema is `{version}`, and `{SCHEMA_VERSION}` is known here"
        return signed, Evidence.model_validate(told)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        return f"`{where}`: {fault['msg']}" if where else "it is no JSON"
    except ValueError:
        return "its record is no JSON"
