"""The rehearsal VPN server: a WireGuard device, masquerade, NAT-PMP and a resolver of one name."""

import threading

from testbed.vpn import wan
from testbed.vpn.gluetun.commands import CommandError, log, run
from testbed.vpn.gluetun.ending import leave, when_asked
from testbed.vpn.gluetun.tunnel import TunnelError, start_device, stop_device
from testbed.vpn.wan import gateway, names


_DEVICE = "wg0"


def main() -> int:
    """Runs until a signal; 1 if the tunnel cannot be made."""
    wait = when_asked()
    try:
        process = start_device(_DEVICE)
        _configure()
    except (TunnelError, CommandError) as error:
        log("ERROR", str(error))
        return 1
    for serve in (gateway.serve, names.serve):
        threading.Thread(target=serve, daemon=True).start()
    log("INFO", "ready")
    wait()
    stop_device(process)
    return 0


def _configure() -> None:
    """Clients reach the witness and nothing else; nobody reaches a client unasked."""
    run("wg", "setconf", _DEVICE, wan.CONFIG)
    run("ip", "address", "add", f"{wan.TUNNEL_GATEWAY}/24", "dev", _DEVICE)
    run("ip", "link", "set", _DEVICE, "mtu", "1420", "up")
    state = ("-m", "conntrack", "--ctstate")
    prerouting = ("-t", "nat", "-A", "PREROUTING", "-i", _DEVICE, "-d", wan.GATEWAY, "-p", "tcp")
    to_witness = ("-j", "DNAT", "--to-destination", f"{wan.WITNESS}:{wan.WITNESS_PORT}")
    postrouting = ("-t", "nat", "-A", "POSTROUTING", "-s", wan.TUNNEL_SUBNET, "-o", "eth0")
    for rule in (
        ("-P", "FORWARD", "DROP"),
        ("-A", "FORWARD", *state, "ESTABLISHED,RELATED", "-j", "ACCEPT"),
        ("-A", "FORWARD", "-i", _DEVICE, "-o", "eth0", "-d", wan.WITNESS, "-j", "ACCEPT"),
        ("-A", "FORWARD", "-i", "eth0", "-o", _DEVICE, *state, "DNAT", "-j", "ACCEPT"),
        (*prerouting, "--dport", str(wan.WITNESS_PORT), *to_witness),
        (*postrouting, "-j", "MASQUERADE"),
    ):
        run("iptables", "--wait", *rule)


if __name__ == "__main__":
    leave(main())
