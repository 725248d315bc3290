"""The repository's password: derived from the stack's root secret, never stored or shown.

The same root secret opens the repository on a new host.
"""

import sys
from pathlib import Path

from tame_components.domain.secrets import derive
from tame_components.ops.missing import ROOT_SECRET
from tame_components.ops.pulumi_cli import PulumiCli
from tame_components.ops.snapshots.errors import PasswordMissing


def repository_password(root_secret: str, stack: str) -> str:
    """The password of the repository of *stack*."""
    return derive(
        root_secret, stack=stack, service="backup", name="backup-repository", kind="password"
    )


def ask_pulumi(project: Path, stack: str) -> str:
    """The password, from the root secret that Pulumi keeps for *stack*.

    Raises:
        PulumiMissing: there is no `pulumi`.
        PasswordMissing: it does not tell the secret.
    """
    said = PulumiCli(project).run("config", "get", "--stack", stack, ROOT_SECRET)
    secret = said.out.strip()
    if not (said.well and secret):
        raise PasswordMissing(ROOT_SECRET, said.why)
    return repository_password(secret, stack)


if __name__ == "__main__":  # with the root secret on standard input, for a person with restic alone
    sys.stdout.write(f"{repository_password(sys.stdin.read().strip(), sys.argv[1])}\n")
