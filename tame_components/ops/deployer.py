"""How verbs see deployments: one small interface, and typed results.

`deployer_of` gives the one implementation, on Pulumi's Automation API. Nothing else in `ops` knows
that Pulumi deploys.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


UNCHANGED = frozenset({"same", "read", "refresh"})
"""Operations that leave a resource as it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done, or would be done, to one resource."""

    operation: str
    """Pulumi's word: `create`, `update`, `delete-replaced`, ..."""
    urn: str
    type: str
    reasons: tuple[str, ...] = ()
    """Paths of the properties that changed; a `!` at the end: the change forces a replacement."""

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What a policy said."""

    policy: str
    level: str
    """`mandatory` or `advisory`."""
    message: str
    urn: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a deployment did, or a preview would do."""

    verb: str
    """`preview`, `up`, `refresh` or `destroy`."""
    steps: tuple[Step, ...] = ()
    """In the engine's order, unchanged resources left out."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Resources by operation, unchanged ones too."""
    findings: tuple[PolicyFinding, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs after an `up`, secrets left out; else empty."""
    seconds: float = 0.0

    @property
    def changes(self) -> int:
        """How many resources are touched."""
        return sum(count for operation, count in self.counts.items() if operation not in UNCHANGED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that has just begun, ended or been said."""

    kind: str
    """`begun`, `done`, `failed` or `said`."""
    text: str
    """In words, one line."""


Listener = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Hears nothing."""


class Deployer(Protocol):
    """One stack, deployed.

    Ctrl-C during a call lets the engine finish what it has begun and write its state; then
    KeyboardInterrupt goes on. A second Ctrl-C ends it at once.

    Every method raises:
        PulumiMissing: there is no `pulumi`.
        StackNotMade: the backend has no such stack.
        StackLocked: another deployment of the stack runs, or one was killed and left its lock.
        DeploymentFailed: anything else, in the engine's own words.
    """

    @property
    def stack(self) -> str:
        """The stack's name."""
        ...

    def preview(
        self,
        *,
        policies: Path | None = None,
        settings: Path | None = None,
        expect_no_changes: bool = False,
        advisory: Collection[str] = (),
        listener: Listener = silent,
    ) -> Outcome:
        """What `up` would do.

        Args:
            policies: a policy pack that judges it. Default: none.
            settings: a file to take the place of `Pulumi.<stack>.yaml`. Default: that.
            expect_no_changes: whether any change is an error.
            advisory: policies that only advise this time, whatever the pack says.
            listener: hears, from another thread, what happens.
        """
        ...

    def up(
        self,
        *,
        policies: Path | None = None,
        settings: Path | None = None,
        expect_no_changes: bool = False,
        listener: Listener = silent,
    ) -> Outcome:
        """Make the stack what the program says, without a preview before it. As `preview`."""
        ...

    def refresh(self, *, listener: Listener = silent) -> Outcome:
        """Make the state what the engine has."""
        ...

    def destroy(self, *, listener: Listener = silent) -> Outcome:
        """Take every resource away."""
        ...

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs as of its last deployment; secret ones are left out."""
        ...

    def export(self) -> dict[str, Any]:
        """The state, secrets encrypted, as `pulumi stack export` writes it."""
        ...

    def config(self, key: str) -> str | None:
        """The value of *key*, decrypted where it is a secret; None where it is not set.

        Args:
            key: a path, e.g. `tame:secrets.gluetun.wireguard_private_key`.
        """
        ...

    def set_config(self, key: str, value: str, *, secret: bool) -> None:
        """Store *value* under the path *key*."""
        ...

    def cancel(self) -> None:
        """Take away the lock that a killed deployment left. Never while one runs."""
        ...


def deployer_of(
    project: Path, stack: str, environment: Mapping[str, str] | None = None
) -> Deployer:
    """The stack *stack* of the Pulumi project in the directory *project*.

    Args:
        project: where `Pulumi.yaml` lies.
        stack: its name; it need not be the selected one, and is not selected.
        environment: variables that win over this process's, which Pulumi inherits (PATH,
            PULUMI_BACKEND_URL, the passphrase).

    Raises:
        PulumiMissing: there is no `pulumi`.
    """
    from tame_components.ops.automation import PulumiDeployer  # noqa: PLC0415 - 0.3 s

    return PulumiDeployer(project, stack, environment)
