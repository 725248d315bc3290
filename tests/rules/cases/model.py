"""One case: containers, what surrounds them, and whether the first of them offends."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from tame_components.domain.container import Attachment, Container
from tame_components.rules import Scope
from tests.rules import stacks


ROOT = stacks.DATA
TODAY = "2026-06-01"
NETWORK_MOUNTS = ("/mnt/nas",)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One sentence about one rule."""

    rule: str
    offends: bool
    why: str
    """What the case shows; a trap, where it only looks like an offence."""
    containers: tuple[Container, ...]
    """The first one is judged."""
    subject: str = ""
    """Who is named, where it is not the first container."""
    scope: dict[str, Any] = field(default_factory=dict)
    """What else is known of the stack."""
    world: str = "main"
    """The program that it is part of: another one where other cases would change the verdict."""

    @property
    def name(self) -> str:
        """What a violation is about."""
        return self.subject or self.containers[0].name

    def surroundings(self) -> Scope:
        """The whole stack as the rules see it.

        A container follows the one whose network it shares, unless it names that in plain text.
        """
        given: dict[str, Any] = {
            "environment": "prod",
            "data_root": ROOT,
            "network_mounts": NETWORK_MOUNTS,
            "containers": self.containers,
            "networks": {},
            "complete": True,
            "today": TODAY,
            "follows": {
                one.name: frozenset({one.shares})
                for one in self.containers
                if one.shares and not one.network_mode
            },
        }
        return Scope(**(given | self.scope))


def made(app: str, **fields: Any) -> Container:
    """A container of *app* under a name of its own, that breaks no rule apart from *fields*."""
    name = f"{app}-{next(_NUMBERS)}"
    base = stacks.container(app)
    state = stacks.bind(f"/srv/config/{name}", "/config")
    mounts = (stacks.bind(ROOT, "/data"), state) if app == "radarr" else (state,)
    attachments = () if "shares" in fields or "network_mode" in fields else base.attachments
    given = {"name": name, "mounts": mounts, "attachments": attachments, **fields}
    return base.model_copy(update=given)


def on(*networks: str) -> tuple[Attachment, ...]:
    """Attachments to *networks*."""
    return tuple(Attachment(network=network) for network in networks)


def offends(rule: str, why: str, *containers: Container, **rest: Any) -> Case:
    """The first of *containers* breaks *rule*."""
    return Case(rule=rule, offends=True, why=why, containers=containers, **rest)


def passes(rule: str, why: str, *containers: Container, **rest: Any) -> Case:
    """The first of *containers* only looks as if it broke *rule*."""
    return Case(rule=rule, offends=False, why=why, containers=containers, **rest)
