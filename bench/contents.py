"""What goes into a container beside its plain facts, without Pulumi.

Written apart from the components on purpose: tests/bench holds both against each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tame_components.domain.app import Secret, SecretEntry
from tame_components.domain.rendering import SEED_SCRIPT, pointer
from tame_components.domain.secrets import derive
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that the container finds when it starts."""

    path: str
    key: str | None
    """Which secret it holds; None: `text` is all."""
    text: str = ""
    mode: str = "0400"
    owner: str | None = None
    """A numeric user id. Default: root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """The files and variables of one container."""

    files: tuple[File, ...]
    plain: Mapping[str, str]
    """Further plain variables."""
    hidden: Mapping[str, str]
    """Secret variables: which secret each holds."""


def contents(service: Service, keys: Mapping[str, str]) -> Contents:
    """What is put into the container of *service*, of the secrets that *keys* has."""
    here = [secret for secret in service.app.secrets if key_of(service, secret) in keys]
    plain: dict[str, str] = {}
    for secret in here:
        if secret.optional and secret.enters is not SecretEntry.VARIABLE:
            plain |= pointer(secret)
    return Contents(
        files=tuple(_files(service, here)),
        plain=plain,
        hidden={
            secret.variable: key_of(service, secret)
            for secret in here
            if secret.enters is SecretEntry.VARIABLE and secret.variable
        },
    )


def keys_of(topology: Topology, root: str, given: Mapping[str, str]) -> dict[str, str]:
    """The text of every secret, by key, as it enters its container."""
    return {
        key_of(service, secret): secret.template.replace("{value}", value)
        for service in topology.services
        for secret in service.app.secrets
        if (value := _value(topology, service, secret, root, given)) is not None
    }


def key_of(service: Service, secret: Secret) -> str:
    """What a secret is called in the settings of a hand-written program."""
    return f"{service.name}-{secret.name}"


def _files(service: Service, secrets: list[Secret]) -> Iterator[File]:
    for secret in secrets:
        if secret.enters is SecretEntry.VARIABLE:
            continue
        direct = secret.enters is SecretEntry.FILE and service.app.identity.by == "user"
        owner = str(service.uid) if direct else None
        yield File(path=secret.file, key=key_of(service, secret), owner=owner)
    if service.app.seed:
        yield File(path=SEED_SCRIPT, key=None, text=service.app.seed.script, mode="0755")


def _value(
    topology: Topology, service: Service, secret: Secret, root: str, given: Mapping[str, str]
) -> str | None:
    if f"{service.name}.{secret.name}" in given:
        return given[f"{service.name}.{secret.name}"]
    if secret.derive == "given":
        return None
    return derive(
        root,
        stack=topology.stack,
        service=service.name,
        name=secret.name,
        kind=secret.derive,
        rotation=service.rotation,
    )
