"""How a machine is reached: keys made for it alone, and an ssh that knows nobody else.

The server's key is made here and given to the machine, so that the first connection is checked as
well as every later one. The user's own `~/.ssh` is neither read nor written.
"""

import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tame_components.domain.virtual_machine import VirtualMachineSettings


_CLIENT: Final = "client"
_SERVER: Final = "server"


@dataclass(frozen=True, slots=True)
class Access:
    """The way into one machine, below a directory of this user alone."""

    directory: Path
    port: int
    user: str = "root"
    address: str = "127.0.0.1"

    @property
    def private_key(self) -> str:
        """Of the one who deploys."""
        return (self.directory / _CLIENT).read_text()

    @property
    def host_key(self) -> str:
        """What the server proves to be: type and key."""
        return " ".join((self.directory / f"{_SERVER}.pub").read_text().split()[:2])

    @property
    def engine(self) -> str:
        """The machine's Docker engine, as `tame:engine` takes it."""
        return f"ssh://{self.user}@{self.address}:{self.port}"

    @property
    def programs(self) -> Path:
        """A directory for PATH whose `ssh` knows this machine."""
        return self.directory / "bin"

    def command(self, *words: str) -> list[str]:
        """`ssh` to the machine."""
        at = ["-p", str(self.port), "-l", self.user, self.address]
        return [str(self.programs / "ssh"), "-o", "BatchMode=yes", *at, "--", *words]


def make(
    directory: Path, port: int, settings: VirtualMachineSettings, address: str = "127.0.0.1"
) -> Access:
    """Make both keys and the configuration."""
    access = Access(directory, port, address=address)
    access.programs.mkdir(parents=True, mode=0o700)
    for name in (_CLIENT, _SERVER):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", settings.name]
        subprocess.run([*command, "-f", str(directory / name)], check=True, capture_output=True)
    (directory / "known_hosts").write_text(f"[{address}]:{port} {access.host_key}\n")
    (directory / "config").write_text(configuration(directory, address))
    wrapper = access.programs / "ssh"
    real = shutil.which("ssh") or "/usr/bin/ssh"
    # A later -F wins: whoever brings a configuration, as the command plugin does, keeps it.
    wrapper.write_text(f'#!/bin/sh\nexec {real} -F "{directory}/config" "$@"\n')
    wrapper.chmod(0o700)
    return access


def configuration(directory: Path, address: str = "127.0.0.1") -> str:
    """For ssh_config(5): one connection carries all sessions, because handshakes cost."""
    return f"""\
Host {address}
  IdentityFile {directory}/{_CLIENT}
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  UserKnownHostsFile {directory}/known_hosts
  ControlMaster auto
  ControlPath {directory}/mux
  ControlPersist 600
  ServerAliveInterval 30
  LogLevel ERROR
"""


def seed(access: Access, settings: VirtualMachineSettings) -> bytes:
    """The machine's second disk: a tar that it unpacks before its SSH server starts."""
    public = (access.directory / f"{_CLIENT}.pub").read_bytes()
    given = [settings.ssh_public_key.encode()] if settings.ssh_public_key else []
    host = "etc/ssh/ssh_host_ed25519_key"
    members = {
        "root/.ssh/authorized_keys": (0o600, b"\n".join([public.strip(), *given]) + b"\n"),
        host: (0o600, (access.directory / _SERVER).read_bytes()),
        f"{host}.pub": (0o644, (access.directory / f"{_SERVER}.pub").read_bytes()),
        "etc/hostname": (0o644, settings.name.encode() + b"\n"),
        "etc/hosts": (0o644, f"127.0.0.1 localhost {settings.name}\n".encode()),
    }
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folder = tarfile.TarInfo("root/.ssh")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(folder)
        for name, (mode, content) in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()
