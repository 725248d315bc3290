"""A command on another machine: the same runner, with the `ssh` program as its interpreter."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final


_ALIAS: Final = "tame-host"
_DEFAULT_ATTEMPTS: Final = 10
_DEFAULT_SECONDS: Final = 15


@contextmanager
def reaching(connection: Mapping[str, Any]) -> Iterator[list[str]]:
    """The program that runs the text in its last argument on the host of *connection*.

    The key lies in a directory of this user alone for as long as the command runs. Without
    `hostKey` nobody checks the host's, as in the official plugin.
    """
    with TemporaryDirectory(prefix="tame-ssh-") as folder:
        known, key = Path(folder, "known_hosts"), Path(folder, "key")
        expected = connection.get("hostKey")
        known.write_text(f"{_ALIAS} {expected}\n" if expected else "")
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": connection.get("perDialTimeout") or _DEFAULT_SECONDS,
            "ConnectionAttempts": max(1, connection.get("dialErrorLimit") or _DEFAULT_ATTEMPTS),
            "HostKeyAlias": _ALIAS,
            "LogLevel": "ERROR",
            "StrictHostKeyChecking": "yes" if expected else "no",
            "UserKnownHostsFile": known,
        }
        if connection.get("privateKey"):
            key.touch(mode=0o600)
            key.write_text(f"{connection['privateKey'].rstrip()}\n")
            options |= {"IdentitiesOnly": "yes", "IdentityFile": key}
        given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        user, port = connection.get("user") or "root", connection.get("port") or 22
        yield ["ssh", "-F", "none", *given, "-p", str(port), "-l", user, "--", connection["host"]]
