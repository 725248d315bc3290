"""What only a person can supply before a stack can be deployed, as one list."""

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable
from tame_components.domain.holding import secrets_of
from tame_components.domain.paths import MARKER
from tame_components.domain.vpn import missing_facts
from tame_components.ops.engine import connect
from tame_components.ops.host import Host
from tame_components.ops.project import PREFIX, StackFile


ROOT_SECRET = f"{PREFIX}root_secret"


class Missing(Frozen):
    """One thing to do."""

    kind: Literal["secret", "setting", "host"]
    """`secret`, `setting`: Pulumi stores it. `host`: something about the machine."""
    key: str
    """The setting, e.g. `tame:secrets.gluetun.wireguard_private_key`; or what of the host."""
    what: str
    """What is wanted, for a person."""
    command: str
    """How to supply it without being asked; a secret's value is read from standard input."""
    optional: bool = False
    """Whether the stack also works without it."""
    can_generate: bool = False
    """Whether `tame config --generate` makes it."""
    from_file: bool = False
    """Whether it has several lines, so that a person names the file that holds it."""


def missing(stack: StackFile) -> tuple[Missing, ...]:
    """Everything that *stack* still needs, what is required first.

    Raises:
        SettingsInvalid: the settings have mistakes beyond what is missing.
    """
    found = [*_secrets(stack), *_ssh_key(stack), *_settings(stack), *_host(stack)]
    return tuple(sorted(found, key=lambda one: one.optional))


def _command(key: str, stack: str, *, secret: bool) -> str:
    flag = "--secret " if secret else ""
    return f"pulumi config set {flag}--path '{key}' -s {stack}"


def _secrets(stack: StackFile) -> Iterator[Missing]:
    if ROOT_SECRET not in stack.secrets:
        yield Missing(
            kind="secret",
            key=ROOT_SECRET,
            what="the secret that all keys and passwords are derived from; keep a copy of it",
            command=f"tame config {stack.stack} --generate",
            can_generate=True,
        )
    for service in stack.topology.services:
        for secret in (h.secret for h in secrets_of(stack.topology, service) if h.owner == service):
            key = f"{PREFIX}secrets.{service.name}.{secret.name}"
            if secret.derive == "given" and key not in stack.secrets:
                yield Missing(
                    kind="secret",
                    key=key,
                    what=f"`{secret.name}` of {service.app.title} (see {secret.source})",
                    command=_command(key, stack.stack, secret=True),
                    optional=secret.optional,
                )


def _ssh_key(stack: StackFile) -> Iterator[Missing]:
    preparation, key = stack.settings.preparation, f"{PREFIX}secrets.host.ssh-key"
    if preparation and preparation.over and key not in stack.secrets:
        yield Missing(
            kind="secret",
            key=key,
            what=f"the private SSH key, whole, of `{preparation.over.user}` at "
            f"`{preparation.over.host}`",
            command=f"{_command(key, stack.stack, secret=True)} < FILE",
            from_file=True,
        )


def _settings(stack: StackFile) -> Iterator[Missing]:
    for mistake in missing_facts(stack.settings.vpn) if stack.settings.vpn else ():
        key = f"{mistake.key}[0]" if mistake.key.endswith(".addresses") else mistake.key
        yield Missing(
            kind="setting",
            key=key,
            what=mistake.allowed,
            command=_command(key, stack.stack, secret=False),
        )


def _host(stack: StackFile) -> Iterator[Missing]:
    host = Host(stack.settings.engine)
    try:
        connect(host.engine).close()
    except EngineUnreachable as error:
        yield Missing(kind="host", key="engine", what=error.what, command=error.hint)
        if not host.here:
            return  # nor does anything else answer there
    yield from _marker(stack, host)
    if host.here and any(service.app.docker_socket for service in stack.topology.services):
        with contextlib.suppress(OSError):
            yield from _socket_group(stack)


def _marker(stack: StackFile, host: Host) -> Iterator[Missing]:
    root = stack.settings.data.root
    if host.beyond or host.has(f"{root}/{MARKER}"):
        return
    make = f"mkdir -p {root} && touch {root}/{MARKER}"
    of = "" if host.here else f" of `{host.name}`"
    yield Missing(
        kind="host",
        key="data root",
        what=f"`{root}`{of} has no marker `{MARKER}`: is its disk mounted?",
        command=make if host.here else shlex.join(host.command("sh", "-c", make)),
    )


def _socket_group(stack: StackFile) -> Iterator[Missing]:
    settings = stack.settings
    group = Path(settings.engine.removeprefix("unix://")).stat().st_gid
    if group != settings.identity.docker_gid:
        key = f"{PREFIX}identity.docker_gid"
        yield Missing(
            kind="host",
            key=key,
            what=f"the Docker socket belongs to group `{group}`, and the setting is "
            f"`{settings.identity.docker_gid}`",
            command=f"printf {group} | {_command(key, stack.stack, secret=False)}",
        )
