"""The provider's port that leads to this client: asked for, kept, opened, told to a command."""

import contextlib
import shlex
import threading
from pathlib import Path
from typing import Final

from testbed.vpn.gluetun import natpmp
from testbed.vpn.gluetun.commands import CommandError, log, run
from testbed.vpn.gluetun.firewall import Firewall
from testbed.vpn.gluetun.settings import Forwarding


_REFRESH_SECONDS: Final = 45.0
_WISHED: Final = 1
"""What gluetun asks ProtonVPN for: any port."""


class Forwarder:
    """Port forwarding during one or more lives of the tunnel."""

    def __init__(self, told: Forwarding, gateway: str, interface: str, firewall: Firewall) -> None:
        self._told = told
        self._gateway = gateway
        self._interface = interface
        self._firewall = firewall
        self.ports: tuple[int, ...] = ()

    def run(self, stopped: threading.Event) -> None:
        """Gets a port and keeps it until *stopped*."""
        if not self._told.enabled:
            return
        try:
            address = natpmp.external_address(self._gateway)
            log("INFO", f"gateway external IPv4 address is {address}", "port forwarding")
            port = self._map(_WISHED)
            self._open(port)
            while not stopped.wait(_REFRESH_SECONDS):
                if self._map(port) != port:
                    raise natpmp.RefusedError(f"external port changed: {port}")
        except OSError as error:
            log("ERROR", f"port forwarding for the first time: {error}", "port forwarding")

    def _map(self, wished: int) -> int:
        port = natpmp.map_port(self._gateway, natpmp.UDP, wished)
        return natpmp.map_port(self._gateway, natpmp.TCP, port)

    def _open(self, port: int) -> None:
        log("INFO", f"port forwarded is {port}", "port forwarding")
        self._firewall.allow_input(port, self._interface)
        self.ports = (port,)
        file = Path(self._told.status_file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{port}\n")
        self._command(self._told.up_command, "up")

    def clear(self) -> None:
        """Forgets the port; without a tunnel nothing is forwarded."""
        if not self.ports:
            return
        self._command(self._told.down_command, "down")
        self._firewall.allow_input(self.ports[0], self._interface, remove=True)
        self.ports = ()
        with contextlib.suppress(OSError):
            Path(self._told.status_file).write_text("")

    def _command(self, template: str, which: str) -> None:
        if not template:
            return
        port = str(self.ports[0])
        text = template.replace("{{PORTS}}", port).replace("{{PORT}}", port)
        text = text.replace("{{VPN_INTERFACE}}", self._interface)
        try:
            run(*shlex.split(text))
        except (CommandError, ValueError) as error:
            log("ERROR", f"running {which} command: {error}", "port forwarding")
