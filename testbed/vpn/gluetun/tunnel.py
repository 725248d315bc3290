"""One life of the WireGuard tunnel: a userspace device, its peer, its addresses, its routes."""

import os
import subprocess
import time
from pathlib import Path
from typing import Final

from testbed.vpn.gluetun.commands import CommandError, log, run
from testbed.vpn.gluetun.routing import MARK, away_from_tunnel, through_tunnel
from testbed.vpn.gluetun.settings import Tunnel


_DEVICE: Final = Path("/dev/net/tun")
_SOCKETS: Final = Path("/var/run/wireguard")
_PATIENCE_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 1.0


class TunnelError(Exception):
    """The tunnel could not be made, or ended by itself."""


def start_device(interface: str) -> subprocess.Popen[bytes]:
    """A `wireguard-go` whose device exists.

    Raises:
        TunnelError: There is no tun device, or the program ended.
    """
    if not _DEVICE.exists():
        raise TunnelError(f"setting up userspace tun device: {_DEVICE} does not exist")
    (_SOCKETS / f"{interface}.sock").unlink(missing_ok=True)  # of one that was killed
    environ = dict(os.environ, LOG_LEVEL="error", WG_PROCESS_FOREGROUND="1")
    process = subprocess.Popen(
        ("wireguard-go", "--foreground", interface),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environ,
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (_SOCKETS / f"{interface}.sock").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            stop_device(process)
            raise TunnelError("creating TUN device: wireguard-go ended; is NET_ADMIN given?")
        time.sleep(0.01)
    return process


def stop_device(process: subprocess.Popen[bytes]) -> None:
    """Ends the device; it disappears with its process."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def up(tunnel: Tunnel, *, ipv6: bool) -> subprocess.Popen[bytes]:
    """The tunnel, configured, up and routed; nothing says yet whether the other end answers.

    Raises:
        TunnelError: A step failed; nothing of the tunnel is left.
    """
    log("INFO", "Using userspace implementation since Kernel support does not exist", "wireguard")
    process = start_device(tunnel.interface)
    try:
        _configure(tunnel, ipv6=ipv6)
    except CommandError as error:
        down(process)
        raise TunnelError(f"configuring interface: {error}") from error
    return process


def _configure(tunnel: Tunnel, *, ipv6: bool) -> None:
    for address in tunnel.addresses:
        if address.version == 4 or ipv6:  # noqa: PLR2004 - the protocol's number
            run("ip", "address", "replace", str(address), "dev", tunnel.interface)
    endpoint = f"{tunnel.endpoint_ip}:{tunnel.endpoint_port}"
    log("INFO", f"Connecting to {endpoint}", "wireguard")
    lines = [
        "[Interface]",
        f"PrivateKey = {tunnel.private_key}",
        f"FwMark = {MARK}",
        "[Peer]",
        f"PublicKey = {tunnel.public_key}",
        "AllowedIPs = 0.0.0.0/0, ::/0",
        f"Endpoint = {endpoint}",
        f"PersistentKeepalive = {tunnel.keepalive}",
    ]
    if tunnel.preshared_key:
        lines.append(f"PresharedKey = {tunnel.preshared_key}")
    run("wg", "setconf", tunnel.interface, "/dev/stdin", stdin="\n".join(lines) + "\n")
    run("ip", "link", "set", tunnel.interface, "mtu", tunnel.mtu, "up")
    through_tunnel(tunnel.interface, ipv6=ipv6)


def down(process: subprocess.Popen[bytes]) -> None:
    """Takes the tunnel away, whether or not its process still lives.

    The device goes first, and its address with it: while that is here, the rule keeps what a member
    sends on an open connection from leaving beside the tunnel. (gluetun removes the rule first:
    internal/wireguard/run.go, closers.)
    """
    stop_device(process)
    away_from_tunnel()
