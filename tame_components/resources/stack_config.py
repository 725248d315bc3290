"""The settings and secrets of the stack that Pulumi is running."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import config as runtime_config

from tame_components.domain.errors import Mistake, SecretMissing, SettingsInvalid
from tame_components.domain.holding import secrets_of
from tame_components.domain.lock import Lock, read_lock
from tame_components.domain.secrets import MINIMUM_LENGTH
from tame_components.domain.settings import StackSettings
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.domain.vpn import missing_facts
from tame_components.resources.host_preparation import SSH_KEY
from tame_components.resources.secrets import StackSecrets


_PREFIX = "tame:"


def load_settings() -> StackSettings:
    """The plain settings of the running stack.

    Raises:
        SettingsInvalid: every mistake in `Pulumi.<stack>.yaml`, at once.
    """
    stack = pulumi.get_stack()
    values = {
        key.removeprefix(_PREFIX): _value(text)
        for key, text in runtime_config.CONFIG.get().items()
        if key.startswith(_PREFIX)
    }
    settings = check_settings(f"Pulumi.{stack}.yaml", stack, values)
    if settings.vpn and (mistakes := list(missing_facts(settings.vpn))):
        raise SettingsInvalid(f"Pulumi.{stack}.yaml", mistakes)
    return settings


def load_lock() -> Lock:
    """The digests that the running stack's images are locked to; an empty lock without a file.

    Raises:
        LockInvalid: the file beside `Pulumi.yaml` is no lock.
    """
    return read_lock(Path(pulumi.get_root_directory() or "."), pulumi.get_stack())


def load_secrets(topology: Topology) -> StackSecrets:
    """The secrets of the running stack.

    Raises:
        SecretMissing: naming each one that a person still has to supply.
        SettingsInvalid: the root secret is too short, or a secret stands there in plain.
    """
    config = pulumi.Config("tame")
    given = _value(runtime_config.CONFIG.get().get(f"{_PREFIX}secrets", "{}"))
    names = {f"{service}.{name}" for service, secrets in given.items() for name in secrets}
    missing = [f"tame:secrets.{name}" for name in _wanted(topology) if name not in names]
    root = config.get("root_secret")
    if missing or root is None:
        keys = [*([] if root else ["tame:root_secret"]), *missing]
        raise SecretMissing(keys, topology.stack)
    _refuse_weak(topology.stack, root)
    everything = config.require_secret_object("secrets") if names else None
    values: Mapping[str, pulumi.Input[str]] = (
        {name: _pick(everything, name) for name in names} if everything is not None else {}
    )
    return StackSecrets(
        stack=topology.stack, root=config.require_secret("root_secret"), given=values
    )


def _pick(everything: pulumi.Output[Any], name: str) -> pulumi.Output[str]:
    service, _, secret = name.partition(".")
    return everything.apply(lambda found: str(found[service][secret]))


def _wanted(topology: Topology) -> Iterator[str]:
    """Secrets that cannot be derived and that nothing starts without."""
    preparation = topology.settings.preparation
    if preparation and preparation.over:
        yield SSH_KEY
    for service in topology.services:
        for held in secrets_of(topology, service):
            if held.owner == service and held.secret.derive == "given" and not held.secret.optional:
                yield f"{service.name}.{held.name}"


def _refuse_weak(stack: str, root: str) -> None:
    mistakes = []
    if len(root) < MINIMUM_LENGTH:
        got = f"{len(root)} characters"
        mistakes.append(Mistake("tame:root_secret", got, f"{MINIMUM_LENGTH} characters or more"))
    mistakes += [
        Mistake(key, "a secret in plain text", "`pulumi config set --secret`")
        for key in (f"{_PREFIX}root_secret", f"{_PREFIX}secrets")
        if key in runtime_config.CONFIG.get() and not runtime_config.is_config_secret(key)
    ]
    if mistakes:
        raise SettingsInvalid(f"Pulumi.{stack}.yaml", mistakes)


def _value(text: str) -> Any:  # noqa: ANN401 - whatever the file holds; checked by the model
    """Pulumi hands structured values over as JSON and everything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
