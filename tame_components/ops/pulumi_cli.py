"""Pulumi's own command line, run in a project: the one place of `ops` and `cli` that starts it."""

import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tame_components.ops.errors import PulumiMissing


@dataclass(frozen=True)
class Said:
    """What a Pulumi command answered."""

    code: int
    out: str
    err: str

    @property
    def well(self) -> bool:
        """Whether it did what it was asked."""
        return self.code == 0

    @property
    def why(self) -> str:
        """The first line of its complaint, without `error: `."""
        lines = [line for line in (*self.err.splitlines(), *self.out.splitlines()) if line.strip()]
        told = [line for line in lines if line.startswith("error: ")] or lines
        return told[0].strip().removeprefix("error: ") if told else f"exit code {self.code}"


@dataclass(frozen=True)
class PulumiCli:
    """`pulumi`, run in the directory of a project and never asking anything."""

    root: Path

    def run(self, *arguments: str, given: str | None = None) -> Said:
        """Run one command to its end.

        Args:
            arguments: without the program; never a secret: they are visible to everybody.
            given: its standard input.

        Raises:
            PulumiMissing: there is no `pulumi` on PATH.
        """
        program = shutil.which("pulumi")
        if program is None:
            raise PulumiMissing
        process = subprocess.Popen(
            [program, *arguments, "--non-interactive"],
            cwd=self.root,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                out, err = process.communicate(given)
            except KeyboardInterrupt:
                # The terminal told Pulumi too. Killed before it has unlocked, it leaves a lock.
                with contextlib.suppress(KeyboardInterrupt):
                    process.communicate()
                raise
        return Said(process.returncode, out, err)
