"""Which secrets a service holds: its own, and those that it borrows to call others."""

from collections.abc import Iterator

from tame_components.domain.app_secrets import Secret, SecretEntry
from tame_components.domain.base import Frozen
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


ANY = "*"
"""As the `offer` of a borrowed secret: of every service that is called and has such a secret."""


ALERTS = "alerts"
"""What the service offers that tells people of trouble."""


class Held(Frozen):
    """A secret in a container, and whose it is."""

    name: str
    """Among those of the service: `api-key` is its own, `radarr.api-key` is radarr's."""
    secret: Secret
    """How it enters."""
    owner: Service
    original: Secret
    """The owner's: how it is derived."""


def secrets_of(topology: Topology, service: Service) -> tuple[Held, ...]:
    """Every secret that *service* gets, its own first."""
    own = [
        Held(name=secret.name, secret=secret, owner=service, original=secret)
        for secret in service.app.secrets
        if secret.derive != "borrowed"
    ]
    return (*own, *_borrowed(topology, service), *_of_receivers(topology, service))


def receiver_file(name: str) -> str:
    """Where the one that tells people of alerts finds the token of the receiver *name*."""
    return f"/run/secrets/receiver-{name}"


def _of_receivers(topology: Topology, service: Service) -> Iterator[Held]:
    if ALERTS not in service.app.offered:
        return
    for name in sorted(topology.settings.watch.receivers):
        secret = Secret(
            name=f"receiver-{name}",
            derive="given",
            enters=SecretEntry.FILE,
            path=receiver_file(name),
            source="tame:observability.receivers",
        )
        yield Held(name=secret.name, secret=secret, owner=service, original=secret)


def _borrowed(topology: Topology, service: Service) -> Iterator[Held]:
    for secret in service.app.secrets:
        if secret.derive != "borrowed":
            continue
        targets = {
            wire.target: None
            for wire in topology.wires_from(service.name)
            if secret.offer in (ANY, wire.offer)
        }
        for lender in (topology.service(name) for name in targets):
            original = next((s for s in lender.app.secrets if s.name == secret.lent), None)
            if original is not None and original.derive != "borrowed":
                filled = {
                    key: value.replace("{service}", lender.name)
                    for key in ("variable", "path")
                    if (value := getattr(secret, key))
                }
                name = f"{lender.name}.{secret.lent}"
                entering = secret.model_copy(update={**filled, "name": name})
                yield Held(name=name, secret=entering, owner=lender, original=original)
