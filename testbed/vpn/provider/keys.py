"""The provider's keys: made once per checkout, kept in `.tame/vpn/`, for the owner's eyes only."""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypedDict

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from testbed.vpn import wan


HOME: Final = Path(__file__).resolve().parents[3] / ".tame" / "vpn"
_FIRST_CLIENT: Final = 2
_LAST_CLIENT: Final = 254


class ClientKey(TypedDict):
    """One client of the server."""

    private: str
    address: str


class Keys(TypedDict):
    """The content of `keys.json`."""

    server: str
    clients: dict[str, ClientKey]


@contextmanager
def locked(home: Path = HOME) -> Iterator[Path]:
    """Keeps other processes of this checkout out while the provider changes."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield home / "keys.json"


def load(file: Path, client: str) -> Keys:
    """The keys in *file*, with one for *client*; new ones are written before they are used."""
    keys: Keys = json.loads(file.read_text()) if file.exists() else {"server": "", "clients": {}}
    before = json.dumps(keys)
    keys["server"] = keys["server"] or _new()
    if client not in keys["clients"]:
        keys["clients"][client] = {"private": _new(), "address": _free(keys)}
    if json.dumps(keys) != before:
        _write(file, json.dumps(keys, indent=2))
    return keys


def _free(keys: Keys) -> str:
    used = {entry["address"] for entry in keys["clients"].values()}
    prefix = wan.TUNNEL_GATEWAY.rpartition(".")[0]
    numbers = range(_FIRST_CLIENT, _LAST_CLIENT + 1)
    return next(ip for number in numbers if (ip := f"{prefix}.{number}/32") not in used)


def _write(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    new.replace(file)


def _new() -> str:
    return base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()


def public(private: str) -> str:
    """The public key of *private*, both as WireGuard writes them."""
    key = X25519PrivateKey.from_private_bytes(base64.b64decode(private))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def config(keys: Keys) -> str:
    """The server's configuration, as `wg setconf` reads it."""
    lines = ["[Interface]", f"PrivateKey = {keys['server']}", f"ListenPort = {wan.ENDPOINT_PORT}"]
    for entry in keys["clients"].values():
        peer = f"PublicKey = {public(entry['private'])}"
        lines += ["", "[Peer]", peer, f"AllowedIPs = {entry['address']}"]
    return "\n".join(lines) + "\n"
