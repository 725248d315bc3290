"""From a service of the topology to its image and its container."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from tame_components.domain.app_secrets import Secret, SecretEntry
from tame_components.domain.holding import Held, secrets_of
from tame_components.domain.rendering import SEED_SCRIPT, pointer, reader_of
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated import files_of
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
    held = [
        (one, value)
        for one in secrets_of(network.topology, service)
        if (value := network.secrets.of(one.owner, one.original)) is not None
    ]
    secrets = {one.name: value for one, value in held}
    image = _container.image(
        f"{service.name}-image",
        str(service.image),
        pulumi.ResourceOptions(parent=parent, provider=network.engine_of(service)),
    )
    container = _container.container(
        f"{service.name}-container",
        network.containers[service.name],
        _inside(network, service, held, namespace_of),
        network.topology.settings.wait_timeout,
        _container.container_options(parent, [image, *network.ready], network.engine_of(service)),
    )
    return Running(container=container, image=image, secrets=secrets)


def _inside(
    network: MediaNetwork,
    service: Service,
    held: Sequence[tuple[Held, pulumi.Output[str]]],
    namespace_of: docker.Container | None,
) -> _container.Inside:
    variables: dict[str, pulumi.Input[str]] = {}
    for one, value in held:
        if one.secret.enters is SecretEntry.VARIABLE and one.secret.variable:
            variables[one.secret.variable] = _written(one.secret, value)
        elif one.secret.optional:
            variables |= pointer(one.secret)
    return _container.Inside(
        files=(*_secret_files(service, held), *_plain_files(network.topology, service)),
        variables=variables,
        namespace_of=namespace_of.id if namespace_of else None,
    )


def _secret_files(
    service: Service, held: Sequence[tuple[Held, pulumi.Output[str]]]
) -> Iterator[_container.File]:
    for one, value in held:
        if one.secret.enters is not SecretEntry.VARIABLE:
            yield _container.File(
                path=one.secret.file,
                content=_written(one.secret, value),
                owner=reader_of(service, one.secret),
            )


def _plain_files(topology: Topology, service: Service) -> Iterator[_container.File]:
    if service.app.seed:
        yield _container.File(path=SEED_SCRIPT, content=service.app.seed.script, mode="0755")
    for file in files_of(topology, service):
        yield _container.File(path=file.path, content=file.content, mode="0444")


def _written(secret: Secret, value: pulumi.Output[str]) -> pulumi.Output[str]:
    template = secret.template
    if template == "{value}":
        return value
    return value.apply(lambda text: template.replace("{value}", text))
