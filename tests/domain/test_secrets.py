"""Keys and passwords from one root secret."""

import base64
import hashlib
import itertools
import re

from tame_components.domain.secrets import derive


ROOT = "a root secret of thirty-two characters or more"


def key(**changes: object) -> str:
    """An API key, with *changes* to what identifies it."""
    identity = {"stack": "prod", "service": "radarr", "name": "api-key", "kind": "hex32"}
    return derive(ROOT, **{**identity, **changes})  # type: ignore[arg-type] # changes of any kind


def test_the_same_root_gives_the_same_key() -> None:
    """A new host from Git, a backup and the root secret has the keys that clients know."""
    assert key() == key()


def test_every_part_of_the_identity_counts() -> None:
    """No two secrets are equal: not of two stacks, services, names or rotations."""
    keys = [key(), key(stack="sandbox"), key(service="sonarr"), key(name="x"), key(rotation=1)]

    assert all(a != b for a, b in itertools.combinations(keys, 2))
    assert derive("another root secret, as long as that", stack="prod", service="radarr",
                  name="api-key", kind="hex32") != key()  # fmt: skip


def test_a_key_looks_like_servarrs_own() -> None:
    """32 hexadecimal digits: ApiKeyValidationCheck warns below 20."""
    assert re.fullmatch(r"[0-9a-f]{32}", key())


def test_a_password_has_no_character_that_a_shell_or_url_would_eat() -> None:
    """24 URL-safe characters, 144 bits."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", key(kind="password"))


def test_the_hash_for_qbittorrent_is_of_the_password_that_callers_get() -> None:
    """What is seeded and what callers send are one secret (qBittorrent, password.cpp)."""
    password = key(service="qbittorrent", name="password", kind="password")
    seeded = key(service="qbittorrent", name="password-hash", kind="pbkdf2-qbittorrent")
    match = re.fullmatch(r"@ByteArray\(([^:]+):([^)]+)\)", seeded)

    assert match is not None
    salt, digest = (base64.b64decode(part) for part in match.groups())
    assert len(salt) == 16
    assert digest == hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 100_000)
