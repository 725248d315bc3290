"""Carrying out a plan, step by step; each looks first whether it is done, so that any may be last.

Pulumi's file and secrets come first, for they need nothing stopped. A state is copied only while
nobody writes to it. Old containers are stopped and removed where that was asked for, never volumes.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tame_components.domain.base import Frozen
from tame_components.domain.paths import MARKER
from tame_components.ops.adopt.copying import carry
from tame_components.ops.adopt.errors import AdoptionStopped, NotYetReplaced
from tame_components.ops.adopt.model import Key, Move, Old, Plan
from tame_components.ops.adopt.reach import sweep
from tame_components.ops.adopt.settings import write
from tame_components.ops.adopt.taking import Said, store, value_of
from tame_components.ops.engine import refusal
from tame_components.ops.missing import ROOT_SECRET
from tame_components.ops.project import find_project
from tame_components.ops.pulumi_cli import PulumiCli


if TYPE_CHECKING:
    import docker


_ROOT_BYTES = 32
_ENGINE_SECONDS = 3600
"""For one answer of the engine: it copies a whole library's posters in one."""


class Outcome(Frozen):
    """What a run did, and what it had to leave."""

    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    """What is not done yet and why; with these, running the command again goes on."""


@dataclass
class Adoption:
    """One plan, on its way."""

    plan: Plan
    text: str
    """Of the settings file, where it is written."""
    said: Said = field(repr=False)
    engine: "docker.APIClient"
    tell: Callable[[str], None]
    """Gets a line before each step that takes a moment."""

    def run(self, old: Old) -> Outcome:
        """Carry out what the first yes allows, and with *old* what that allows.

        Raises:
            TameError: a step could not be done; those before it are.
        """
        pulumi = PulumiCli(find_project(Path(self.plan.file).parent).root)
        self.engine.timeout = _ENGINE_SECONDS
        sweep(self.plan.stack, self.engine)
        done = [*self._settings(), *self._stack(pulumi), *self._secrets(pulumi), *self._mark()]
        if old != "keep":
            done += self._stop()
        moved, left = self._states()
        if old == "keep":
            left += self._running()
        if old == "remove":
            moved += self._remove()
        return Outcome(done=(*done, *moved), left=tuple(left))

    def _settings(self) -> Iterator[str]:
        if self.plan.settings in {"write", "replace"}:
            write(Path(self.plan.file), self.text)
            yield f"wrote {self.plan.file}"

    def _stack(self, pulumi: PulumiCli) -> Iterator[str]:
        self.tell(f"the stack `{self.plan.stack}` in Pulumi")
        said = pulumi.run("stack", "init", "--no-select", "--stack", self.plan.stack)
        if said.well:
            yield f"made the stack {self.plan.stack}"
        elif "already exists" not in said.why:
            raise AdoptionStopped(f"pulumi stack init {self.plan.stack}", said.why)

    def _secrets(self, pulumi: PulumiCli) -> Iterator[str]:
        if self.plan.root_secret:
            store(pulumi, self.plan.stack, ROOT_SECRET, secrets.token_urlsafe(_ROOT_BYTES))
            yield f"made `{ROOT_SECRET}`; `pulumi config get {ROOT_SECRET}` shows it: keep a copy"
        for key in self.plan.keys:
            if key.stored:
                continue
            self.tell(f"{key.service}: its {key.secret}")
            value = self._value(key)
            if value is None:
                yield f"{key.service}: no `{key.secret}` in {key.source}: a new one is derived"
            else:
                store(pulumi, self.plan.stack, key.path, value)
                yield f"{key.service}: took over its `{key.secret}` from {key.source}"

    def _value(self, key: Key) -> str | None:
        move = next((one for one in self.plan.moves if one.service == key.service), None)
        container = next((one.id for one in self.plan.victims if one.service == key.service), "")
        with _engine(f"read the `{key.secret}` of `{key.service}`"):
            return value_of(key, container, move, self.said, self.engine)

    def _mark(self) -> Iterator[str]:
        if self.plan.mark:
            Path(self.plan.mark, MARKER).touch()
            yield f"marked `{self.plan.mark}` as the data root"

    def _stop(self) -> list[str]:
        """Those in another's network first, as Compose does."""
        running = [one for one in self.plan.victims if one.running]
        for one in sorted(running, key=lambda one: not one.joins):
            self.tell(f"stopping `{one.name}`, which gets up to {one.grace} s")
            with _engine(f"stop `{one.name}`"):
                self.engine.stop(one.id, timeout=one.grace)
        return [f"stopped {', '.join(f'`{one.name}`' for one in running)}"] if running else []

    def _states(self) -> tuple[list[str], list[str]]:
        done, left = [], []
        for move in self.plan.moves:
            if move.ready:
                continue
            if writers := self._writers(move):
                left.append(f"{move.service}: not copied, for `{writers[0]}` writes to it")
                continue
            self.tell(f"{move.service}: copying {move.state.words} to `{move.target}`")
            with _engine(f"copy the state of `{move.service}`"):
                done.append(f"{move.service}: {carry(move, self.engine).words}")
        return done, left

    def _running(self) -> list[str]:
        names = ", ".join(f"`{one.name}`" for one in self.plan.victims if one.running)
        why = "`--old stop` stops them, before their state is copied and before `pulumi up`"
        return [f"{names} still run: {why}"] if names else []

    def _writers(self, move: Move) -> list[str]:
        """Running containers that may write to the state, by name."""
        return [
            one["Names"][0].removeprefix("/")
            for one in self.engine.containers()
            if one["Id"] == move.container
            or any(
                mount.get("RW") and move.state.source in (mount.get("Name"), mount.get("Source"))
                for mount in one["Mounts"]
            )
        ]

    def _remove(self) -> list[str]:
        """Containers alone: `v` is never given, so that each volume stays."""
        self._refuse_unreplaced()
        for one in self.plan.victims:
            with _engine(f"remove `{one.name}`"):
                self.engine.remove_container(one.id)
        names = ", ".join(f"`{one.name}`" for one in self.plan.victims)
        return [f"removed {names}; their volumes stay"] if names else []

    def _refuse_unreplaced(self) -> None:
        """Raises NotYetReplaced unless the new stack does the work."""
        label = f"tame.stack={self.plan.stack}"
        found = {
            one["Labels"].get("tame.service"): one
            for one in self.engine.containers(all=True, filters={"label": label})
        }
        missing = {
            one.service: found[one.service]["Status"] if one.service in found else "no container"
            for one in self.plan.victims
            if one.service and not one.on_demand and not _works(found.get(one.service))
        }
        if missing:
            raise NotYetReplaced(missing)


@contextlib.contextmanager
def _engine(step: str) -> Iterator[None]:
    """Raises AdoptionStopped where the engine refuses *step*, or the disk does."""
    import docker  # noqa: PLC0415 - see ops.engine

    try:
        yield
    except (docker.errors.APIError, OSError) as error:
        why = refusal(error)
        raise AdoptionStopped(step, why) from error


def _works(container: "dict[str, object] | None") -> bool:
    """Whether it runs, and is not unhealthy or undecided."""
    if container is None or container["State"] != "running":
        return False
    status = str(container["Status"])
    return "(unhealthy)" not in status and "(health: starting)" not in status
