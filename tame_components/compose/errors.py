"""Errors of reading, importing and writing Compose files.

ComposeError (TAME8xx)  ComposeUnreadable  ComposeTooLarge  ComposeInvalid  ComposeCycle
                        ComposeReferenceMissing  NothingToImport  WouldOverwrite
                        SecretsLocked  LintOptionInvalid
"""

from collections.abc import Sequence

from tame_components.domain.errors import TameError, counted, listed


class ComposeError(TameError):
    """Something is wrong with a Compose file, or with what was asked of it."""


class ComposeUnreadable(ComposeError):
    """A file is not there, or is not YAML."""

    code = "TAME801"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"cannot read `{file}`: {why}",
            hint="name a Compose file in YAML; `docker compose config -q` reads it too",
        )


class ComposeTooLarge(ComposeError):
    """A file is built to exhaust whoever reads it, or looks like it."""

    code = "TAME802"

    def __init__(self, file: str, what: str, limit: int) -> None:
        super().__init__(
            f"`{file}` is not read further: it has more than {limit} {what}",
            hint="anchors that repeat anchors multiply; write the parts out, or split the file",
        )


class ComposeInvalid(ComposeError):
    """A file is YAML and no Compose file; every mistake at once."""

    code = "TAME803"

    def __init__(self, file: str, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = counted(len(self.mistakes), "mistake")
        lines = "".join(f"\n  {mistake}" for mistake in self.mistakes)
        super().__init__(
            f"{count} in `{file}`:{lines}",
            hint="correct the lines; Docker Compose would refuse them too",
        )


class ComposeCycle(ComposeError):
    """Files or services refer to each other in a circle."""

    code = "TAME804"

    def __init__(self, what: str, path: Sequence[str]) -> None:
        super().__init__(
            f"`{what}` goes round in a circle: {' -> '.join(f'`{step}`' for step in path)}",
            hint="remove one of the references",
        )


class ComposeReferenceMissing(ComposeError):
    """A file or service that another one builds on is not there."""

    code = "TAME805"

    def __init__(self, where: str, what: str, known: Sequence[str] = ()) -> None:
        there = f"; there are {listed(known)}" if known else ""
        super().__init__(
            f"{where} refers to {what}, which is not there{there}",
            hint="add what is missing, or correct the reference",
        )


class NothingToImport(ComposeError):
    """No service of the file is an application that the catalog knows."""

    code = "TAME806"

    def __init__(self, file: str, services: Sequence[str]) -> None:
        super().__init__(
            f"no service of `{file}` is an app of the catalog; it has {listed(services)}",
            hint="docs/reference/catalog.md lists the apps; docs/add-an-app.md adds one",
        )


class WouldOverwrite(ComposeError):
    """A file that would be written is there already, and differs."""

    code = "TAME807"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` is there already and differs; nothing was written",
            hint="choose another place, or say `--force`",
        )


class SecretsLocked(ComposeError):
    """The stack's secrets cannot be decrypted here."""

    code = "TAME808"

    def __init__(self, stack: str, why: str) -> None:
        super().__init__(
            f"the secrets of stack `{stack}` cannot be read: {why}",
            hint="set the passphrase (`PULUMI_CONFIG_PASSPHRASE_FILE`) and log in to the backend, "
            "or say `--without-secrets`",
        )
