"""Which Python runs a program, and in which environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.protobuf import json_format
from pulumi.runtime.proto import language_pb2


_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {"virtualenv": (), "toolchain": ("pip",)}
"""The runtime options that are honoured, and their values where not every one is."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and the environment variables that go with it."""

    python: Path
    virtualenv: Path | None

    @classmethod
    def of(cls, info: language_pb2.ProgramInfo) -> "Interpreter":
        """The interpreter that `runtime.options` of the project asks for; default: this one.

        Raises:
            RuntimeOptionUnknown: An option that this language host would have to ignore.
            InterpreterMissing: The `virtualenv` has no Python.
        """
        options = json_format.MessageToDict(info.options)
        for name, value in options.items():
            allowed = _KNOWN.get(name)
            if allowed is None or (allowed and value not in allowed):
                from testbed.toolchain.language_host.errors import (  # noqa: PLC0415 - rare and slow
                    RuntimeOptionUnknown,
                )

                raise RuntimeOptionUnknown(f"{name}: {value}" if allowed else name, _KNOWN)
        if not options.get("virtualenv"):
            return cls(Path(sys.executable), None)
        # Relative to Pulumi.yaml, wherever `main` and the working directory are.
        virtualenv = Path(info.root_directory, str(options["virtualenv"])).absolute()
        python = virtualenv / "bin" / "python"
        if not python.exists():
            from testbed.toolchain.language_host.errors import (  # noqa: PLC0415 - rare and slow
                InterpreterMissing,
            )

            raise InterpreterMissing(python)
        return cls(python, virtualenv)

    def environment(self, *changes: str) -> dict[str, str]:
        """This process's variables and *changes* (`NAME=value`), the virtualenv activated."""
        environment = {**os.environ, **dict(change.split("=", 1) for change in changes)}
        if self.virtualenv is not None:
            environment["VIRTUAL_ENV"] = str(self.virtualenv)
            environment["PATH"] = f"{self.python.parent}{os.pathsep}{environment.get('PATH', '')}"
            environment.pop("PYTHONHOME", None)
        return environment

    def packages(self) -> Path:
        """Where the distributions of this interpreter lie."""
        root = self.virtualenv or Path(sys.prefix)
        found = sorted(root.glob("lib/python*/site-packages"))
        return found[-1] if found else root
