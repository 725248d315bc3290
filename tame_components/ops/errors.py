"""Errors of the verbs that look at a project and at a running stack.

SettingsError    ProjectMissing  StackUnclear  SettingsUnreadable  FolderOccupied  RunsAlways
TopologyError    NoUserInterface
HostError        ServiceNotRunning  NotReachable  PortTaken  CannotWrite
DeploymentError  PulumiMissing  PulumiFailed  StackBusy  StackUnreadable  RecoveryStopped
                 GitRefused
CatalogError     NothingToExplain
"""

import re
from collections.abc import Iterable, Sequence

from tame_components.domain.errors import (
    CatalogError,
    DeploymentError,
    HostError,
    SettingsError,
    TopologyError,
    listed,
)


class NothingToExplain(CatalogError):
    """A word is no service, no error code and no rule."""

    code = "TAME104"

    def __init__(self, topic: str, close: Sequence[str]) -> None:
        if re.fullmatch(r"TAME\d{3}", topic):
            super().__init__(
                f"no error of the library has the code `{topic}`",
                hint="docs/troubleshooting.md has every code, the test bed's and toolchain's too",
            )
            return
        guess = f"; did you mean {listed(close)}?" if close else ""
        super().__init__(
            f"no service, error code or rule is called `{topic}`{guess}",
            hint="name a service of the stack, a code as `TAME302`, or a rule as "
            "`floating-image-tag`",
        )


class ProjectMissing(SettingsError):
    """No Pulumi project lies in this directory or above it."""

    code = "TAME203"

    def __init__(self, start: str) -> None:
        super().__init__(
            f"no `Pulumi.yaml` in `{start}` or above it",
            hint="change to a project, name it with `tame -C DIR`, or make one: `tame init DIR`",
        )


class StackUnclear(SettingsError):
    """No stack was named, and there is more than one, or the named one has no settings."""

    code = "TAME204"

    def __init__(self, asked: str | None, stacks: Iterable[str]) -> None:
        what = (
            f"no stack is called `{asked}`" if asked else "no stack was named, and none is chosen"
        )
        super().__init__(
            f"{what}; the project has {listed(stacks)}",
            hint="name one of them, or choose one with `pulumi stack select`",
        )


class SettingsUnreadable(SettingsError):
    """A settings file is not YAML, or not a mapping where one belongs."""

    code = "TAME205"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"cannot read `{file}`: {why}",
            hint="compare with the file that `tame init` makes",
        )


class FolderOccupied(SettingsError):
    """A new project would overwrite files."""

    code = "TAME206"

    def __init__(self, folder: str, files: Iterable[str]) -> None:
        super().__init__(
            f"`{folder}` has other files of these names: {listed(files)}; nothing was written",
            hint="choose an empty directory, or move the files away",
        )


class NoUserInterface(TopologyError):
    """A service has nothing that a person could open."""

    code = "TAME305"

    def __init__(self, service: str, openable: Iterable[str]) -> None:
        super().__init__(
            f"`{service}` has no UI to open",
            hint=f"these have one: {listed(openable)}",
        )


class ServiceNotRunning(HostError):
    """A verb needs a service that does not run."""

    code = "TAME504"

    def __init__(self, service: str, container: str, state: str) -> None:
        super().__init__(
            f"`{service}` does not run: its container `{container}` is {state}",
            hint="`tame doctor` says why; `pulumi up` starts what is missing",
        )


class NotReachable(HostError):
    """A container's address cannot be reached from this machine."""

    code = "TAME505"

    def __init__(self, service: str, address: str, command: str) -> None:
        super().__init__(
            f"`{service}` listens at `{address}`, which this machine cannot reach",
            hint=f"the engine runs elsewhere; a tunnel over SSH reaches it: `{command}`",
        )


class PortTaken(HostError):
    """The loopback port that was asked for is not free."""

    code = "TAME506"

    def __init__(self, port: int, why: str) -> None:
        super().__init__(
            f"cannot listen on `127.0.0.1:{port}`: {why}",
            hint="name another port, or leave `--port` out to get a free one",
        )


class CannotWrite(HostError):
    """A file or directory that was asked for cannot be written."""

    code = "TAME507"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"cannot write `{path}`: {why}",
            hint="name another place, or change its permissions",
        )


class PulumiMissing(DeploymentError):
    """There is no `pulumi` program."""

    code = "TAME602"

    def __init__(self) -> None:
        super().__init__(
            "no `pulumi` on PATH",
            hint="install it (https://www.pulumi.com/docs/install); "
            "in a clone: `ci/toolchain/ensure`, then `. .tame/env`",
        )


class PulumiFailed(DeploymentError):
    """Pulumi refused to store a value."""

    code = "TAME603"

    def __init__(self, key: str, why: str) -> None:
        super().__init__(
            f"`pulumi config set` refused `{key}`: {why}",
            hint="check that the stack exists (`pulumi stack ls`) and that the passphrase is set "
            "(`PULUMI_CONFIG_PASSPHRASE_FILE`)",
        )


class StackBusy(DeploymentError):
    """A Pulumi works on the stack, or its lock is another machine's."""

    code = "TAME614"

    def __init__(self, stack: str, who: str) -> None:
        super().__init__(
            f"Pulumi works on `{stack}` right now: {who}; nothing was changed",
            hint="let it finish, or end it with Ctrl-C, and run this again; where you know that "
            f"it has ended: `pulumi cancel {stack}`",
        )


class StackUnreadable(DeploymentError):
    """Pulumi cannot read a stack, for a reason that `tame recover` has no remedy for."""

    code = "TAME615"

    def __init__(self, stack: str, backend: str, why: str) -> None:
        super().__init__(
            f"Pulumi cannot read the stack `{stack}` in `{backend}`: {why}",
            hint="`pulumi stack ls` must list it: check `PULUMI_BACKEND_URL`, or what you are"
            f" logged in to; a stack that was never made needs `pulumi stack init {stack}`",
        )


class RecoveryStopped(DeploymentError):
    """A step of a recovery failed."""

    code = "TAME616"

    def __init__(self, step: str, why: str) -> None:
        super().__init__(
            f"the recovery stopped at this step: {step}: {why}",
            hint="what was done before it stays done; put right what it names and run "
            "`tame recover` again",
        )


class RunsAlways(SettingsError):
    """A service that runs all the time was asked to run once."""

    code = "TAME886"

    def __init__(self, service: str, on_demand: list[str]) -> None:
        names = ", ".join(f"`{name}`" for name in on_demand) or "none in this stack"
        super().__init__(
            f"`{service}` runs always: there is nothing to run once; on demand: {names}",
            hint=f"`tame status` shows it, `docker restart` starts `{service}` again",
        )


class GitRefused(DeploymentError):
    """Git did not do what it was asked to."""

    code = "TAME863"

    def __init__(self, command: Sequence[str], said: str) -> None:
        lines = said.strip().splitlines()
        super().__init__(
            f"`git {' '.join(command)}` failed: {lines[-1] if lines else 'it said nothing'}",
            hint="the checkout is as it was; the same command in it shows more",
        )
