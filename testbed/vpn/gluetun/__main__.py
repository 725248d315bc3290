"""The stand-in's only process: firewall first, then everything else, in gluetun's order."""

import os
from pathlib import Path

from testbed.vpn.gluetun import (
    FOLLOWS,
    SIMPLIFIED,
    auth,
    control,
    publicip,
    routing,
    settings,
    validation,
)
from testbed.vpn.gluetun.commands import CommandError, log
from testbed.vpn.gluetun.ending import leave, when_asked
from testbed.vpn.gluetun.firewall import Firewall
from testbed.vpn.gluetun.health import HealthServer
from testbed.vpn.gluetun.loop import VpnLoop
from testbed.vpn.gluetun.reading import Reader, SettingError
from testbed.vpn.gluetun.routing import RoutingError


def main() -> int:
    """Runs until a signal; 1 if something was refused."""
    wait = when_asked()
    log("INFO", f"stand-in of gluetun {FOLLOWS}, for rehearsals; simpler than it:")
    for line in SIMPLIFIED:
        log("INFO", f"- {line}")
    try:
        loop = _start()
    except (SettingError, RoutingError, CommandError, OSError) as error:
        log("ERROR", str(error))
        if "not permitted" in str(error):
            log("WARN", "Tip: Are you passing NET_ADMIN capability to gluetun?")
        return 1
    wait()
    log("WARN", "Caught OS signal terminated, shutting down")
    loop.quit()
    log("INFO", "Shutdown successful")
    return 0


def _start() -> VpnLoop:
    reader = Reader(os.environ)
    told = settings.read(reader)
    around = routing.look()
    firewall = Firewall(around, enabled=told.firewall.enabled)
    firewall.enable(told.firewall.outbound_subnets, told.firewall.input_ports)
    validation.validate(told, reader, ipv6=around.ipv6)
    publicip.validate(told.publicip_apis)
    roles = auth.roles(Path(told.control_auth_file), told.control_default_role)
    routing.setup(around, told.firewall.outbound_subnets)
    health = HealthServer(told.health.server_address)
    health.start()
    firewall.allow_tunnel(told.tunnel.endpoint_ip, told.tunnel.endpoint_port, told.tunnel.interface)
    loop = VpnLoop(told, firewall, health, ipv6=around.ipv6)
    control.start(told.control_address, roles, loop)
    loop.apply("running")
    return loop


if __name__ == "__main__":
    leave(main())
