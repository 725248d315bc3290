"""The way in of vendors' images that start as root and then become the wanted user.

Unlike linuxserver's they have no supervisor: when the application ends, the container does.
"""

import os
from pathlib import Path


_DEFAULT_ID = 1000


def become(state: str) -> None:
    """Gives *state* to PUID and PGID, sets UMASK, and goes on as that user.

    As Dictionarry-Hub/profilarr, scripts/entrypoint.sh and sirrobot01/decypharr,
    scripts/entrypoint.sh: who is no longer root keeps his ids.
    """
    os.umask(int(os.environ.get("UMASK") or "022", 8))
    if os.geteuid() != 0:
        return
    uid = int(os.environ.get("PUID") or _DEFAULT_ID)
    gid = int(os.environ.get("PGID") or _DEFAULT_ID)
    root = Path(state)
    for path in (root, *root.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
