"""gluetun's VPN loop: stopped, starting, running, stopping, crashed; never without its firewall."""

import subprocess
import threading
import time
from collections.abc import Callable
from typing import Final

from testbed.vpn.gluetun import tunnel
from testbed.vpn.gluetun.commands import CommandError, log
from testbed.vpn.gluetun.dns import Resolver
from testbed.vpn.gluetun.firewall import Firewall
from testbed.vpn.gluetun.forwarding import Forwarder
from testbed.vpn.gluetun.health import Checker, HealthServer
from testbed.vpn.gluetun.publicip import PublicIP
from testbed.vpn.gluetun.settings import Settings
from testbed.vpn.gluetun.tunnel import TunnelError


_BACKOFF_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 1.0
"""A check that fails at once, e.g. on a name that nobody knows, must not spin."""


class _Life:
    """One life of the tunnel: its process, and what ends with it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.over = threading.Event()


class VpnLoop:
    """Starts and stops the tunnel, and starts it again when it dies or fails its health check."""

    def __init__(
        self,
        settings: Settings,
        firewall: Firewall,
        health: HealthServer,
        *,
        ipv6: bool,
    ) -> None:
        self._settings = settings
        self._firewall = firewall
        self._health = health
        self._ipv6 = ipv6
        address = next(a.ip for a in settings.tunnel.addresses if a.version == 4)  # noqa: PLR2004 - the protocol
        gateway = str(address).rpartition(".")[0] + ".1"  # as gluetun guesses it
        self._checker = Checker(settings.health, settings.tunnel.endpoint_ip, gateway)
        self.dns = Resolver(gateway)
        self.public_ip = PublicIP(settings.publicip_apis, settings.publicip_file)
        self.forwarder = Forwarder(
            settings.forwarding, gateway, settings.tunnel.interface, firewall
        )
        self.status = "stopped"
        self._changing = threading.Lock()
        self._life: _Life | None = None
        self._backoff = _BACKOFF_SECONDS

    def apply(self, wanted: str) -> str:
        """Brings the loop to `running` or `stopped`; the state it has reached, or already had."""
        with self._changing:
            if wanted == "running":
                if self.status != "stopped":
                    return f"already {self.status}"
                self._start()
            else:
                if self.status != "running":
                    return f"already {self.status}"
                self._stop()
            return self.status

    def quit(self) -> None:
        """Ends the tunnel for good, at once, whatever it is doing."""
        life, self._life = self._life, None
        if life is not None:
            self._end(life)

    def _start(self) -> None:
        self.status = "starting"
        try:
            process = tunnel.up(self._settings.tunnel, ipv6=self._ipv6)
        except (TunnelError, CommandError) as error:
            self._crashed(str(error))
            return
        self._life = life = _Life(process)
        self._backoff = _BACKOFF_SECONDS
        self.status = "running"
        self._thread(self._wait, life)
        self._thread(self._tunnel_up, life)

    def _stop(self) -> None:
        self.status = "stopping"
        log("INFO", "stopping", "vpn")
        if self._life is not None:
            self._end(self._life)
        self.status = "stopped"

    def _end(self, life: _Life) -> None:
        life.over.set()
        self._life = None
        for port in self._settings.firewall.vpn_input_ports:
            self._firewall.allow_input(port, self._settings.tunnel.interface, remove=True)
        self.public_ip.clear()
        self.forwarder.clear()
        tunnel.down(life.process)

    def _wait(self, life: _Life) -> None:
        """The device ending by itself is a crash: it is started again after a pause."""
        life.process.wait()
        with self._changing:
            if life.over.is_set():
                return
            self._end(life)
            self._crashed("device waited for")

    def _crashed(self, why: str) -> None:
        self.status = "crashed"
        log("ERROR", why, "vpn")
        log("INFO", f"retrying in {self._backoff:.0f}s", "vpn")
        timer = threading.Timer(self._backoff, self._again)
        timer.daemon = True
        self._backoff *= 2
        timer.start()

    def _again(self) -> None:
        with self._changing:
            if self.status == "crashed":
                self._start()

    def _tunnel_up(self, life: _Life) -> None:
        """What gluetun does once the device is up: ports, names, health, address, forwarding."""
        log("INFO", "Wireguard setup is complete; it may or may not work", "vpn")
        for port in self._settings.firewall.vpn_input_ports:
            self._firewall.allow_input(port, self._settings.tunnel.interface)
        if self._settings.dns_server:
            self.dns.start()
        error = self._checker.startup()
        if life.over.is_set():
            return  # stopped meanwhile, so the check says nothing
        self._health.error = error
        if error and not self._healed(error):
            return
        self._thread(self._checker.watch, life.over, self._report)
        self.public_ip.fetch()
        self.forwarder.run(life.over)

    def _report(self, error: str) -> bool:
        """Keeps the last error for the probe; whether this life goes on."""
        self._health.error = error
        return not error or self._healed(error)

    def _healed(self, error: str) -> bool:
        """Restarts the tunnel unless told not to; whether the present life goes on."""
        if not self._settings.health.restart_vpn:
            log("WARN", f"(ignored) healthcheck failed: {error}", "vpn")
            return True
        log("WARN", f"restarting VPN because it failed to pass the healthcheck: {error}", "vpn")
        time.sleep(_PAUSE_SECONDS)
        self.apply("stopped")
        self.apply("running")
        return False

    @staticmethod
    def _thread(target: Callable[..., object], *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()
