"""The official downloads: whether they answer, and getting them."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import httpx


_INSTALLER: Final = "https://get.pulumi.com/install.sh"
_PATIENCE_SECONDS: Final = 5.0
_INSTALL_SECONDS: Final = 300
_INSTALL: Final = """
import sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


class Network:
    """Asks at most once, and for at most 5 s."""

    def __init__(self) -> None:
        self.why = "not asked"
        """Why the official downloads are out of reach; empty if they answered."""
        self._asked = False

    def reaches_pulumi(self) -> bool:
        """Whether the official installer can be read; honours the usual proxy variables."""
        if not self._asked:
            self._asked = True
            answers: list[str] = []
            # A thread, because no timeout of a library covers a name server that does not answer.
            asking = threading.Thread(target=lambda: answers.append(_obstacle()), daemon=True)
            asking.start()
            asking.join(_PATIENCE_SECONDS)
            # What comes later than that is not looked at: one run has one answer.
            self.why = answers[0] if answers else f"no answer within {_PATIENCE_SECONDS:.0f} s"
        return not self.why

    def install(self, root: Path, version: str) -> str | None:
        """Runs the SDK's own installer; returns what it said if it failed."""
        try:
            done = subprocess.run(
                [sys.executable, "-c", _INSTALL, str(root), version],
                capture_output=True,
                text=True,
                timeout=_INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"not finished within {_INSTALL_SECONDS} s"
        return None if done.returncode == 0 else done.stderr.strip()[-400:]


def _obstacle() -> str:
    """Why the official installer cannot be read; empty if it can."""
    try:
        answer = httpx.get(_INSTALLER, timeout=_PATIENCE_SECONDS, follow_redirects=True)
    except (httpx.HTTPError, OSError) as error:
        return f"`{_INSTALLER}`: {error}"
    # A network's own page in place of the installer does not count.
    good = answer.status_code == httpx.codes.OK and answer.text.startswith("#!")
    return "" if good else f"`{_INSTALLER}` answers {answer.status_code}"
