"""One machine: QEMU's command line, from its start until somebody answers, and its end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tame_components.domain.virtual_machine import VirtualMachineSettings
from testbed.vm.acceleration import Acceleration, Way
from testbed.vm.access import Access, make, seed
from testbed.vm.errors import VmNotBooted
from testbed.vm.image import Image


_PAUSE: Final = 1.0
_END_SECONDS: Final = 10.0
_TELL_SECONDS: Final = 15.0
_LAST_LINES: Final = 8
_ASK_SECONDS: Final = 60
READY: Final = ("systemctl", "is-active", "--quiet", "docker.service")
"""Succeeds in the machine as soon as its engine answers."""


@dataclass
class Machine:
    """A machine below a directory of its own, which goes with it."""

    directory: Path
    image: Image
    settings: VirtualMachineSettings
    acceleration: Acceleration
    say: Callable[[str], None]
    access: Access = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def console(self) -> Path:
        """What the machine's serial port said."""
        return self.directory / "console.log"

    def start(self) -> None:
        """Start it, and return when its Docker engine can be reached over ssh.

        Raises:
            VmNotBooted: it ended, or its time was up.
        """
        self.directory.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.access = make(self.directory / "access", free_port(), self.settings)
        (self.directory / "seed.tar").write_bytes(seed(self.access, self.settings))
        disk = ["-f", "qcow2", "-F", "raw", "-b", str(self.image.disk), str(self._disk)]
        subprocess.run(["qemu-img", "create", "-q", *disk], check=True, capture_output=True)
        with self.console.open("wb") as log:
            self._process = self._spawn(log)
        (self.directory / "pid").write_text(str(self._process.pid))
        self._wait()

    def stop(self) -> None:
        """End it at once: nothing of it is kept."""
        process, self._process = self._process, None
        if process is None:
            return
        closing = self.access.command()[:-1]
        subprocess.run([*closing[:1], "-O", "exit", *closing[1:]], capture_output=True, check=False)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def run(self, *words: str, give: IO[bytes] | None = None) -> subprocess.CompletedProcess[str]:
        """A command in the machine; its streams as text."""
        return subprocess.run(
            self.access.command(*words),
            stdin=give if give is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    @property
    def _disk(self) -> Path:
        return self.directory / "disk.qcow2"

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        command = qemu(
            self.settings, self.image, self.directory, self.access, self.acceleration.way
        )
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is ours to handle, in order
        )

    def _wait(self) -> None:
        begun = told = time.monotonic()
        while not self._answers():
            now = time.monotonic()
            if self._process is None or self._process.poll() is not None:
                raise VmNotBooted(self.console, "QEMU ended", self._last())
            if now - begun > self.acceleration.patience:
                why = f"its engine does not answer in {self.acceleration.patience:.0f} s"
                raise VmNotBooted(self.console, why, self._last())
            if now - told > _TELL_SECONDS:
                told = now
                self.say(f"booting, {now - begun:.0f} s: {self._last(1)}")
            time.sleep(_PAUSE)

    def _answers(self) -> bool:
        # The port answers before the machine does: QEMU holds it.
        words = ["-o", f"ConnectTimeout={_ASK_SECONDS}"]
        command = self.access.command(*READY)
        return (
            subprocess.run(
                [command[0], *words, *command[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )

    def _last(self, lines: int = _LAST_LINES) -> str:
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        printable = "".join(each for each in text if each.isprintable() or each == "\n")
        return "\n".join(line for line in printable.splitlines() if line.strip()[-1:])[-600:][
            -200 * lines :
        ]


def qemu(
    settings: VirtualMachineSettings, image: Image, directory: Path, access: Access, way: Way
) -> list[str]:
    """QEMU and its arguments. Nothing but ssh on loopback leads in; the way out is QEMU's own."""
    speed = ["-accel", "kvm", "-cpu", "host"]
    if way is Way.TCG:
        speed = ["-accel", "tcg,thread=multi", "-cpu", "max"]
    forwarded = f"hostfwd=tcp:127.0.0.1:{access.port}-:22"
    return [
        *("qemu-system-x86_64", "-name", settings.name, *speed),
        *("-smp", str(settings.cpus), "-m", str(settings.memory_mib)),
        *("-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
        *("-append", "root=/dev/vda rw console=ttyS0 quiet mitigations=off panic=-1"),
        *("-drive", f"file={directory}/disk.qcow2,if=virtio,format=qcow2,cache=unsafe"),
        *("-drive", f"file={directory}/seed.tar,if=virtio,format=raw,readonly=on"),
        *("-netdev", f"user,id=net,ipv6=off,{forwarded}"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
        *("-device", "virtio-rng-pci"),
    ]


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def strays(place: Path) -> list[int]:
    """The processes of machines below *place* that outlived who started them."""
    found = []
    for file in place.glob("*/pid"):
        pid = int(file.read_text() or 0)
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(file.parent) in words:
            found.append(pid)
    return found
