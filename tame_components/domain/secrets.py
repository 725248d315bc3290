"""Every password and key of a stack, derived from one root secret.

Nothing is scraped and nothing is stored twice: the same root gives the same keys on a new host.
HKDF-SHA256 as in RFC 5869; the salt separates stacks, the info separates services and rotations.
"""

import base64
import hashlib
from typing import Literal


Kind = Literal["hex32", "password", "pbkdf2-qbittorrent"]

MINIMUM_LENGTH = 32
"""Characters that a root secret must have at least."""

_ITERATIONS = 100_000
"""qBittorrent, src/base/utils/password.cpp: PBKDF2-HMAC-SHA512, 16-byte salt, 64-byte key."""


def derive(  # the arguments are the identity of a secret
    root: str, *, stack: str, service: str, name: str, kind: Kind, rotation: int = 0
) -> str:
    r"""The secret *name* of *service*.

    Args:
        root: the stack's root secret.
        stack: two stacks with one root still get different secrets.
        service: the service that owns the secret.
        name: which of its secrets, e.g. `api-key`.
        kind: `hex32`: 32 hexadecimal digits, as Servarr makes its own keys (ApiKeyValidationCheck
            wants 20 or more). `password`: 24 URL-safe characters. `pbkdf2-qbittorrent`: what
            `WebUI\Password_PBKDF2` holds for the password of the same service.
        rotation: counts up when the secret is replaced.
    """
    if kind == "pbkdf2-qbittorrent":
        password = derive(
            root, stack=stack, service=service, name="password", kind="password", rotation=rotation
        )
        salt = _expand(root, stack, f"{service}/{name}/{rotation}/salt", 16)
        key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
        return f"@ByteArray({base64.b64encode(salt).decode()}:{base64.b64encode(key).decode()})"
    octets = _expand(root, stack, f"{service}/{name}/{rotation}", 18 if kind == "password" else 16)
    return base64.urlsafe_b64encode(octets).decode() if kind == "password" else octets.hex()


def _expand(root: str, stack: str, info: str, length: int) -> bytes:
    # Imported here: it costs 40 ms that a program without secrets need not pay.
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - see above

    hkdf = HKDF(hashes.SHA256(), length, salt=f"tame/{stack}".encode(), info=info.encode())
    return hkdf.derive(root.encode())
