"""Pushing an image of a Docker engine, and learning its digest."""

import contextlib

import docker
from docker.errors import DockerException

from testbed.registry.errors import PushFailed


def push(host: str, image: str, repository: str, tag: str) -> str:
    """Pushes *image* as `repository:tag`; returns the digest that the registry knows it by.

    Raises:
        PushFailed: The engine says no.
    """
    target = f"{repository}:{tag}"
    try:
        with contextlib.closing(docker.DockerClient(base_url=host)) as client:
            client.images.get(image).tag(repository, tag)
            try:
                digest = _push(client, image, repository, tag)
            finally:
                client.images.remove(target)  # the name was needed for the push only
    except DockerException as error:
        raise PushFailed(image, target, str(error)) from error
    return digest


def _push(client: docker.DockerClient, image: str, repository: str, tag: str) -> str:
    target = f"{repository}:{tag}"
    digest = ""
    for event in client.images.push(repository, tag, stream=True, decode=True):
        if "error" in event:
            raise PushFailed(image, target, str(event["error"]))
        digest = event.get("aux", {}).get("Digest", digest)
    if not digest:
        raise PushFailed(image, target, "the registry named no digest")
    return digest
