"""Keys of running applications, read where they lie and handed to Pulumi through a pipe.

A value is never an argument, never in a message, and on no disk but in Pulumi's encrypted form.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tame_components.catalog import catalog
from tame_components.domain.app_secrets import Secret
from tame_components.ops.adopt.archives import read_text
from tame_components.ops.adopt.looking import environment_of
from tame_components.ops.adopt.model import Key, Move
from tame_components.ops.adopt.own_keys import own_keys
from tame_components.ops.adopt.reach import old_state
from tame_components.ops.errors import PulumiFailed
from tame_components.ops.pulumi_cli import PulumiCli


if TYPE_CHECKING:
    import docker


_POINTER = re.compile(r"^FILE__|(?:_SECRETFILE|__FILE|_FILE)$")
Said = Mapping[tuple[str, str], str]
"""Values of the Compose files' variables, by service and variable."""


def value_of(
    key: Key, container: str, move: Move | None, said: Said, engine: "docker.APIClient"
) -> str | None:
    """The secret that *key* names; None: neither the container nor the files have it.

    Args:
        key: which.
        container: the old one's id; empty: there is none.
        move: where its state lies; None: nowhere.
        said: counts where there is no container.
        engine: where they are.
    """
    secret = next(one for one in catalog()[key.app].secrets if one.name == key.secret)
    if key.variable:
        found = _of_variable(key, container, said, engine)
        if found:
            return _bare(secret, found)
    if move is None:
        return None
    with old_state(move, engine) as (holder, directory):
        for own in own_keys(catalog()[key.app]):
            if own.secret == key.secret:
                text = read_text(engine, holder, f"{directory}/{own.file}")
                if text and (found := own.read(text)):
                    return found
    return None


def _of_variable(key: Key, container: str, said: Said, engine: "docker.APIClient") -> str | None:
    if not container:
        told = said.get((key.service, key.variable))
        return None if _POINTER.search(key.variable) else told
    value = environment_of(container, engine).get(key.variable)
    if value and _POINTER.search(key.variable):
        text = read_text(engine, container, value)
        return text.strip("\r\n") if text else None
    return value


def _bare(secret: Secret, value: str) -> str | None:
    """*value* without what the catalog writes around the secret."""
    before, _, after = secret.template.partition("{value}")
    if not value.startswith(before) or not value.endswith(after):
        return None
    return value[len(before) : len(value) - len(after)] or None


def store(pulumi: PulumiCli, stack: str, path: str, value: str) -> None:
    """Let Pulumi encrypt *value*.

    Raises:
        PulumiMissing: there is no `pulumi`.
        PulumiFailed: it refused.
    """
    said = pulumi.run("config", "set", "--stack", stack, "--secret", "--path", path, given=value)
    if not said.well:
        raise PulumiFailed(path, said.why.replace(value, "***"))
