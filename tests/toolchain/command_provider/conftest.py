"""An SSH server of a test's own, on loopback."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness.vacant import free_port
from tests.harness.waiting import eventually


SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass(frozen=True)
class Server:
    """An SSH server that takes one key."""

    connection: dict[str, Any]
    host_key: str


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not Path(SSHD).exists() or os.geteuid():
        pytest.skip("needs `sshd`, and root to run it")
    for name in ("host", "user"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(key, check=True)
    port = free_port()
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
        "PasswordAuthentication": "no",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    with subprocess.Popen([SSHD, "-D", "-f", "none", *given]) as process:
        eventually(lambda: _answers(port))
        connection = {
            "host": "127.0.0.1",
            "port": port,
            "user": "root",
            "privateKey": (tmp_path / "user").read_text(),
            "dialErrorLimit": 2,
        }
        yield Server(connection, " ".join((tmp_path / "host.pub").read_text().split()[:2]))
        process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
