"""From a service of the topology to its image and its container."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from tame_components.domain.app import Secret, SecretEntry
from tame_components.domain.rendering import SEED_SCRIPT, pointer
from tame_components.domain.service import Service
from tame_components.resources import _container
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """What a service amounts to in the engine."""

    container: docker.Container
    image: docker.RemoteImage
    secrets: dict[str, pulumi.Output[str]]
    """By name, e.g. `api-key`. Each is a secret Output."""


def run(
    parent: pulumi.ComponentResource,
    network: MediaNetwork,
    service: Service,
    namespace_of: docker.Container | None = None,
) -> Running:
    """Run *service* as the children `<service>-image` and `<service>-container` of *parent*."""
    secrets = {
        secret.name: value
        for secret in service.app.secrets
        if (value := network.secrets.of(service, secret)) is not None
    }
    image = _container.image(
        f"{service.name}-image", str(service.image), pulumi.ResourceOptions(parent=parent)
    )
    container = _container.container(
        f"{service.name}-container",
        network.containers[service.name],
        _inside(service, secrets, namespace_of),
        network.topology.settings.wait_timeout,
        _container.container_options(parent, [image, *network.ready]),
    )
    return Running(container=container, image=image, secrets=secrets)


def _inside(
    service: Service,
    secrets: dict[str, pulumi.Output[str]],
    namespace_of: docker.Container | None,
) -> _container.Inside:
    variables: dict[str, pulumi.Input[str]] = {}
    for secret in service.app.secrets:
        if secret.name in secrets and secret.enters is SecretEntry.VARIABLE and secret.variable:
            variables[secret.variable] = secrets[secret.name]
        elif secret.name in secrets and secret.optional:
            variables |= pointer(secret)
    return _container.Inside(
        files=tuple(_files(service, secrets)),
        variables=variables,
        namespace_of=namespace_of.id if namespace_of else None,
    )


def _files(service: Service, secrets: dict[str, pulumi.Output[str]]) -> Iterator[_container.File]:
    for secret in service.app.secrets:
        if secret.enters is not SecretEntry.VARIABLE and secret.name in secrets:
            yield _container.File(
                path=secret.file,
                content=_written(secret, secrets[secret.name]),
                owner=_reader(service, secret),
            )
    if service.app.seed:
        yield _container.File(path=SEED_SCRIPT, content=service.app.seed.script, mode="0755")


def _written(secret: Secret, value: pulumi.Output[str]) -> pulumi.Output[str]:
    template = secret.template
    if template == "{value}":
        return value
    return value.apply(lambda text: template.replace("{value}", text))


def _reader(service: Service, secret: Secret) -> str | None:
    """Who has to read the file: root's init, or the application where it is no root's."""
    direct = secret.enters is SecretEntry.FILE and service.app.identity.by == "user"
    return str(service.uid) if direct else None
