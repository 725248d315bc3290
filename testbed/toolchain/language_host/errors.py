"""Why the stand-in language host does not run a program."""

from collections.abc import Iterable
from pathlib import Path

from tame_components.domain.errors import RehearsalError, listed


class LanguageHostRefused(RehearsalError):
    """A stack that is no rehearsal would be changed through a stand-in."""

    code = "TAME711"

    def __init__(self, stack: str) -> None:
        super().__init__(
            f"the stand-in language host serves rehearsals only, and stack `{stack}` is none",
            hint="install the official Pulumi release (https://www.pulumi.com/docs/install) and run"
            " `ci/toolchain/ensure --refresh`, or set `tame:rehearsal` to `true` in a rehearsal",
        )


class RuntimeOptionUnknown(RehearsalError):
    """The project asks for something that only the official language host does."""

    code = "TAME712"

    def __init__(self, option: str, known: Iterable[str]) -> None:
        super().__init__(
            f"the stand-in language host does not know the runtime option `{option}`; "
            f"it knows {listed(known)}",
            hint="remove it from `runtime.options`, or install the official Pulumi release",
        )


class InterpreterMissing(RehearsalError):
    """The `virtualenv` runtime option names a directory without a Python."""

    code = "TAME713"

    def __init__(self, python: Path) -> None:
        super().__init__(
            f"the virtualenv of the program has no interpreter: `{python}`",
            hint="run `ci/setup`, or correct `virtualenv` in `runtime.options`",
        )
