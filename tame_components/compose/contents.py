"""What goes into a container beside its plain facts, without Pulumi.

Written apart from the components on purpose: tests/bench holds both against each other, so that
the way out gives every container what it had.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tame_components.domain.app_secrets import Secret, SecretEntry
from tame_components.domain.holding import secrets_of
from tame_components.domain.rendering import SEED_SCRIPT, pointer, reader_of
from tame_components.domain.secrets import derive
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated import files_of


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


def contents(topology: Topology, service: Service, keys: Mapping[str, str]) -> Contents:
    """What is put into the container of *service*, of the secrets that *keys* has."""
    here = [
        held.secret
        for held in secrets_of(topology, service)
        if key_of(service, held.secret) in keys
    ]
    plain: dict[str, str] = {}
    for secret in here:
        if secret.optional and secret.enters is not SecretEntry.VARIABLE:
            plain |= pointer(secret)
    return Contents(
        files=tuple(_files(topology, service, here)),
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
        key_of(service, held.secret): held.secret.template.replace("{value}", value)
        for service in topology.services
        for held in secrets_of(topology, service)
        if (value := _value(topology, held.owner, held.original, root, given)) is not None
    }


def key_of(service: Service, secret: Secret) -> str:
    """What a secret is called outside its container, e.g. `radarr-api-key`."""
    return f"{service.name}-{secret.name}"


def _files(topology: Topology, service: Service, secrets: list[Secret]) -> Iterator[File]:
    for secret in secrets:
        if secret.enters is SecretEntry.VARIABLE:
            continue
        owner = reader_of(service, secret)
        yield File(path=secret.file, key=key_of(service, secret), owner=owner)
    if service.app.seed:
        yield File(path=SEED_SCRIPT, key=None, text=service.app.seed.script, mode="0755")
    for file in files_of(topology, service):
        yield File(path=file.path, key=None, text=file.content, mode="0444")


def _value(
    topology: Topology, service: Service, secret: Secret, root: str, given: Mapping[str, str]
) -> str | None:
    if f"{service.name}.{secret.name}" in given:
        return given[f"{service.name}.{secret.name}"]
    kind = secret.kind
    if kind is None:
        return None
    return derive(
        root,
        stack=topology.stack,
        service=service.name,
        name=secret.name,
        kind=kind,
        rotation=service.rotation,
    )
