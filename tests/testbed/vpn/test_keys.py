"""The provider's keys."""

import stat
from pathlib import Path

from testbed.vpn.provider import keys


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    """Asking twice gives the same keys; the file is 0600."""
    file = tmp_path / "keys.json"
    first = keys.load(file, "one")

    assert first == keys.load(file, "one")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_each_client_has_its_own_key_and_address(tmp_path: Path) -> None:
    """Two stacks use the provider at once."""
    file = tmp_path / "keys.json"
    keys.load(file, "one")
    both = keys.load(file, "two")["clients"]

    assert [entry["address"] for entry in both.values()] == ["10.2.0.2/32", "10.2.0.3/32"]
    assert both["one"]["private"] != both["two"]["private"]


def test_the_server_knows_its_clients_by_public_key(tmp_path: Path) -> None:
    """The configuration holds each client's public key and not its private one."""
    made = keys.load(tmp_path / "keys.json", "one")
    private = made["clients"]["one"]["private"]
    config = keys.config(made)

    assert f"PublicKey = {keys.public(private)}" in config
    assert private not in config
