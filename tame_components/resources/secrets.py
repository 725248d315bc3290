"""The secrets of a stack, as Outputs that Pulumi keeps encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from tame_components.domain.app_secrets import Secret
from tame_components.domain.secrets import derive
from tame_components.domain.service import Service


@dataclass(frozen=True, kw_only=True, slots=True)
class StackSecrets:
    """One root secret, and the few that a person has to supply."""

    stack: str
    root: pulumi.Input[str]
    """Everything that can be derived is derived from this; 32 characters or more."""
    given: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """By `<service>.<secret>`. One given here wins over a derived one: that is how a running
    stack is adopted with the keys it has."""

    def of(self, service: Service, secret: Secret) -> pulumi.Output[str] | None:
        """The value of *secret* of *service*; None where it is optional and nobody gave it."""
        given = self.given.get(f"{service.name}.{secret.name}")
        if given is not None:
            return pulumi.Output.secret(given)
        kind = secret.kind
        if kind is None:
            return None

        def derived(root: str) -> str:
            return derive(
                root,
                stack=self.stack,
                service=service.name,
                name=secret.name,
                kind=kind,
                rotation=service.rotation,
            )

        return pulumi.Output.secret(self.root).apply(derived)
