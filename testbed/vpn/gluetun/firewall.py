"""gluetun's firewall: drop by default, in both IP versions, for as long as the container lives."""

import threading
from typing import Final

from testbed.vpn.gluetun.commands import CommandError, log, run
from testbed.vpn.gluetun.reading import Network
from testbed.vpn.gluetun.routing import Surroundings


_CANDIDATES: Final = (
    ("iptables", "ip6tables"),
    ("iptables-nft", "ip6tables-nft"),
    ("iptables-legacy", "ip6tables-legacy"),
)
_CHAINS: Final = ("INPUT", "OUTPUT", "FORWARD")
_SOLICITED: Final = "ff02::1:ff00:0/104"
_BOTH: Final = (4, 6)


class Firewall:
    """The rules of one network namespace; every change is one `iptables` command."""

    def __init__(self, around: Surroundings, *, enabled: bool) -> None:
        self._around = around
        self._enabled = enabled
        self._programs = dict(zip(_BOTH, _supported(), strict=True)) if enabled else {}
        self._lock = threading.Lock()
        self._endpoint: tuple[tuple[str, ...], ...] = ()

    def enable(self, outbound: tuple[Network, ...], input_ports: tuple[int, ...]) -> None:
        """Drops everything, then allows loopback, answers, own subnets and what was asked for."""
        if not self._enabled:
            log("WARN", "firewall disabled", "firewall")
            return
        log("INFO", "enabling...", "firewall")
        for chain in _CHAINS:
            self._rule("--policy", chain, "DROP")
        for chain in _CHAINS:
            self._rule("--flush", chain)  # a restarted container keeps its namespace's rules
        for chain, direction in (("INPUT", "-i"), ("OUTPUT", "-o")):
            self._rule("--append", chain, direction, "lo", "-j", "ACCEPT")
        established = ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT")
        for chain in ("OUTPUT", "INPUT"):
            self._rule("--append", chain, *established)
        self._allow_networks()
        self._allow_outbound(outbound)
        for network in self._around.networks:
            destination = ("-i", network.interface, "-d", str(network.subnet), "-j", "ACCEPT")
            self._rule("--append", "INPUT", *destination, versions=(network.subnet.version,))
        for interface in {route.interface for route in self._around.defaults}:
            for port in input_ports:
                self.allow_input(port, interface)
        log("INFO", "enabled successfully", "firewall")

    def _allow_networks(self) -> None:
        for network in self._around.networks:
            out = ("-o", network.interface, "-s", network.address, "-d", str(network.subnet))
            self._rule(
                "--append", "OUTPUT", *out, "-j", "ACCEPT", versions=(network.subnet.version,)
            )
        for interface in dict.fromkeys(network.interface for network in self._around.networks):
            neighbours = ("-o", interface, "-d", _SOLICITED, "-j", "ACCEPT")
            self._rule("--append", "OUTPUT", *neighbours, versions=(6,))

    def _allow_outbound(self, outbound: tuple[Network, ...]) -> None:
        for subnet in outbound:
            for route in self._around.defaults:
                if route.version != subnet.version:
                    continue
                out = ("-o", route.interface, "-s", route.address, "-d", str(subnet))
                self._rule("--append", "OUTPUT", *out, "-j", "ACCEPT", versions=(subnet.version,))

    def allow_tunnel(self, endpoint_ip: str, endpoint_port: int, interface: str) -> None:
        """Lets WireGuard reach its endpoint, and everything leave through *interface*; once."""
        to_endpoint = (
            *("-d", endpoint_ip, "-p", "udp", "-m", "udp"),
            *("--dport", str(endpoint_port), "-j", "ACCEPT"),
        )
        rules = tuple(
            ("OUTPUT", "-o", route.interface, *to_endpoint)
            for route in self._around.defaults
            if route.version == 4  # noqa: PLR2004 - the endpoint's IP version
        )
        if rules == self._endpoint:
            return
        log("INFO", "allowing VPN connection...", "firewall")
        for rule in rules:
            self._rule("--append", *rule, versions=(4,))
        self._rule("--append", "OUTPUT", "-o", interface, "-j", "ACCEPT")
        self._endpoint = rules

    def allow_input(self, port: int, interface: str, *, remove: bool = False) -> None:
        """Lets both TCP and UDP in on *port* from *interface*."""
        action = "--delete" if remove else "--append"
        for protocol in ("tcp", "udp"):
            match = ("-i", interface, "-p", protocol, "-m", protocol, "--dport", str(port))
            try:
                self._rule(action, "INPUT", *match, "-j", "ACCEPT")
            except CommandError as error:
                if not remove:
                    raise
                log("ERROR", f"cannot remove allowed input port: {error}", "firewall")

    def _rule(self, *rule: str, versions: tuple[int, ...] = _BOTH) -> None:
        with self._lock:
            for version, program in self._programs.items():
                if version in versions:
                    run(program, "--wait", *rule)


def _supported() -> tuple[str, str]:
    """The first pair of programs that works on this kernel, as gluetun looks for it."""
    problem = CommandError("no iptables")
    for four, six in _CANDIDATES:
        try:
            for program in (four, six):
                run(program, "--wait", "-S", "OUTPUT")
        except CommandError as error:
            problem = error
            continue
        return four, six
    raise CommandError(f"no iptables supported found: {problem}")
