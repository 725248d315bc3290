"""Makes a test's repository quick to open: restic's own keys take half a second on purpose.

The format is public: restic, doc/design.rst, "Keys, Encryption and MAC".
"""

import base64
import hashlib
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305


_NONCE = _MAC = 16


def weaken(repository: Path, password: str) -> None:
    """Wrap the master key of *repository* again, with a password hash that costs nothing."""
    (old,) = (repository / "keys").iterdir()
    facts = json.loads(old.read_bytes())
    sealed = base64.b64decode(facts["data"])
    nonce, text = sealed[:_NONCE], sealed[_NONCE:-_MAC]
    master = _crypt(_keys(password, facts)[0], nonce, text)
    facts |= {"N": 2, "r": 1, "p": 1}
    cipher_key, mac_key = _keys(password, facts)
    nonce = os.urandom(_NONCE)
    text = _crypt(cipher_key, nonce, master)
    tag = Poly1305.generate_tag(mac_key[16:] + _block(mac_key[:16], nonce), text)
    facts["data"] = base64.b64encode(nonce + text + tag).decode()
    content = json.dumps(facts).encode()
    (repository / "keys" / hashlib.sha256(content).hexdigest()).write_bytes(content)
    old.unlink()


def _keys(password: str, facts: dict[str, object]) -> tuple[bytes, bytes]:
    """The key of the cipher, and that of the authentication code."""
    n, r, p = (int(str(facts[name])) for name in ("N", "r", "p"))
    salt = base64.b64decode(str(facts["salt"]))
    derived = hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=r, p=p, dklen=64, maxmem=256 * 2**20
    )
    return derived[:32], derived[32:]


def _crypt(key: bytes, nonce: bytes, text: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor().update(text)


def _block(key: bytes, block: bytes) -> bytes:
    ecb = modes.ECB()  # noqa: S305 - one block, as Poly1305-AES wants it
    return Cipher(algorithms.AES(key), ecb).encryptor().update(block)
