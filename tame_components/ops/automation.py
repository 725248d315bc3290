"""The Deployer on Pulumi's Automation API; the one file of `ops` that imports Pulumi."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from json import dumps, loads
from os import environ
from pathlib import Path
from typing import Any, TypeVar

from pulumi import automation as auto
from pulumi.automation import errors
from semver import VersionInfo
from typing_extensions import override

from tame_components.ops.deployer import Listener, Outcome, silent
from tame_components.ops.deployment_errors import DeploymentFailed, StackLocked, StackNotMade
from tame_components.ops.engine_events import Reader, error_lines
from tame_components.ops.errors import PulumiMissing


_PARALLEL = 32
"""Resources at a time: Pulumi's own default is no limit, and an engine has one."""
_SECRET = "[secret]"  # noqa: S105 - what Pulumi prints in a secret's place
_UNSET = "not found"
T = TypeVar("T")


class PulumiDeployer:
    """See `ops.deployer.Deployer`."""

    def __init__(
        self, project: Path, stack: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.stack = stack
        self._variables = dict(environment or {})
        self._command = _Command(self._variables)
        self._workspace = _Workspace(
            work_dir=str(project), env_vars=self._variables, pulumi_command=self._command
        )
        self._stack = auto.Stack.select(stack, self._workspace)

    def preview(
        self,
        *,
        policies: Path | None = None,
        settings: Path | None = None,
        expect_no_changes: bool = False,
        advisory: Collection[str] = (),
        listener: Listener = silent,
    ) -> Outcome:
        """See `Deployer`."""
        with self._watched("preview", listener) as watched, _levels(policies, advisory) as levels:
            self._stack.preview(
                parallel=_PARALLEL,
                policy_packs=_packs(policies),
                policy_pack_configs=levels,
                config_file=str(settings) if settings is not None else None,
                expect_no_changes=expect_no_changes,
                on_event=watched.reader.hear,
            )
        return watched.outcome()

    def up(
        self,
        *,
        policies: Path | None = None,
        settings: Path | None = None,
        expect_no_changes: bool = False,
        listener: Listener = silent,
    ) -> Outcome:
        """See `Deployer`."""
        with self._watched("up", listener) as watched:
            done = self._stack.up(
                parallel=_PARALLEL,
                policy_packs=_packs(policies),
                config_file=str(settings) if settings is not None else None,
                expect_no_changes=expect_no_changes,
                show_secrets=False,
                on_event=watched.reader.hear,
            )
            watched.outputs = {name: one.value for name, one in done.outputs.items()}
        return watched.outcome()

    def refresh(self, *, listener: Listener = silent) -> Outcome:
        """See `Deployer`."""
        with self._watched("refresh", listener) as watched:
            self._stack.refresh(
                parallel=_PARALLEL, show_secrets=False, on_event=watched.reader.hear
            )
        return watched.outcome()

    def destroy(self, *, listener: Listener = silent) -> Outcome:
        """See `Deployer`."""
        with self._watched("destroy", listener) as watched:
            self._stack.destroy(
                parallel=_PARALLEL, show_secrets=False, on_event=watched.reader.hear
            )
        return watched.outcome()

    def outputs(self) -> dict[str, Any]:
        """See `Deployer`."""
        with self._watched("stack output"):
            return {name: one.value for name, one in self._stack.outputs().items()}

    def export(self) -> dict[str, Any]:
        """See `Deployer`."""
        exported: dict[str, Any] = loads(self._said("stack", "export"))
        return exported

    def config(self, key: str) -> str | None:
        """See `Deployer`."""
        try:
            found = loads(self._said("config", "get", "--path", key, "--json"))
        except DeploymentFailed as error:
            if any(_UNSET in line and "configuration key" in line for line in error.lines):
                return None
            raise
        return str(found["value"])

    def set_config(self, key: str, value: str, *, secret: bool) -> None:
        """See `Deployer`."""
        kind = "--secret" if secret else "--plaintext"
        # Through a pipe: arguments are visible to everybody on the machine.
        self._said("config", "set", "--path", key, kind, stdin=value)

    def cancel(self) -> None:
        """See `Deployer`."""
        self._said("cancel", "--yes")

    def _said(self, *arguments: str, stdin: str | None = None) -> str:
        with self._watched(" ".join(arguments[:2])):
            done = self._command.run(
                [*arguments, "--stack", self.stack],
                self._workspace.work_dir,
                self._variables,
                stdin=stdin,
            )
            return done.stdout

    @contextlib.contextmanager
    def _watched(self, verb: str, listener: Listener = silent) -> Iterator["_Watched"]:
        watched = _Watched(verb, listener)
        try:
            yield watched
        except errors.StackNotFoundError:
            raise StackNotMade(self.stack) from None
        except errors.ConcurrentUpdateError as error:
            raise StackLocked(self.stack, error_lines(str(error))[0]) from None
        except errors.CommandError as error:
            lines = watched.reader.errors or error_lines(str(error))
            raise DeploymentFailed(verb, self.stack, lines) from None


class _Watched:
    """One call, while it runs."""

    def __init__(self, verb: str, listener: Listener) -> None:
        self.verb = verb
        self.reader = Reader(listener)
        self.outputs: dict[str, Any] = {}
        self._begun = time.monotonic()

    def outcome(self) -> Outcome:
        return Outcome(
            verb=self.verb,
            steps=tuple(self.reader.steps),
            counts=dict(self.reader.counts),
            findings=tuple(self.reader.findings),
            outputs=self.outputs,
            seconds=time.monotonic() - self._begun,
        )


class _Workspace(auto.LocalWorkspace):
    """The project on disk, without the API's habit of changing which stack is selected."""

    @override
    def select_stack(self, stack_name: str) -> None:
        """Nothing: every command names its stack, and says so where there is none."""

    @override
    def stack_outputs(self, stack_name: str) -> auto.OutputMap:
        """In one command, and without decrypting what nobody asked for."""
        printed = self._run_pulumi_cmd_sync(["stack", "output", "--json", "--stack", stack_name])
        return {
            name: auto.OutputValue(value=value, secret=False)
            for name, value in loads(printed.stdout).items()
            if value != _SECRET
        }


class _Command(auto.PulumiCommand):
    """Runs `pulumi` so that neither Ctrl-C nor the end of this process tears it away.

    It has a session of its own, so a terminal's Ctrl-C reaches this process alone, which passes it
    on once: Pulumi then finishes what it has begun. What it prints goes to a file: were it a pipe,
    Pulumi would die of the next line after this process was killed.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        # Not the parent's: it looks on this process's PATH alone.
        found = shutil.which("pulumi", path=variables.get("PATH"))
        if found is None:
            raise PulumiMissing
        self.command = found
        self.version = VersionInfo.parse(
            subprocess.run(
                [found, "version"],
                env={**environ, **variables},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
            )
            .stdout.strip()
            .removeprefix("v")
        )

    @override
    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
        stdin: str | None = None,
    ) -> auto.CommandResult:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(
                [self.command, "--non-interactive", *args],
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                env={**environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                start_new_session=True,
            ) as process:
                if process.stdin is not None:
                    process.stdin.write((stdin or "").encode())
                    process.stdin.close()
                code = _end_of(process)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode(errors="replace").rstrip())
        result = auto.CommandResult(stdout=texts[0], stderr=texts[1], code=code)
        if code != 0:
            raise errors.create_command_error(result)
        return result


def _end_of(process: "subprocess.Popen[bytes]") -> int:
    """The exit code of *process*; Ctrl-C is passed on, and raised when it has ended."""
    interrupt: KeyboardInterrupt | None = None
    code: int | None = None
    while code is None:
        try:
            code = process.wait()
        except KeyboardInterrupt as error:
            interrupt = error
            process.send_signal(signal.SIGINT)
    if interrupt is not None:
        raise interrupt
    return code


def _packs(policies: Path | None) -> list[str] | None:
    return [str(policies)] if policies is not None else None


@contextlib.contextmanager
def _levels(policies: Path | None, advisory: Collection[str]) -> Iterator[list[str] | None]:
    """A file that makes policies advisory, for as long as Pulumi reads it."""
    if policies is None or not advisory:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tame-levels-") as directory:
        file = Path(directory) / "levels.json"
        file.write_text(dumps(dict.fromkeys(advisory, "advisory")), "utf-8")
        yield [str(file)]
