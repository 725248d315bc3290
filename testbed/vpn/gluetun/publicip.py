"""The address that the world sees, asked once per life of the tunnel."""

import contextlib
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from testbed.vpn.gluetun.commands import log
from testbed.vpn.gluetun.reading import SettingError


_ECHOIP: Final = "echoip#"
_KNOWN: Final = ("cloudflare", "ifconfigco", "ip2location", "ipinfo")
_URLS: Final = {"ifconfigco": "https://ifconfig.co"}
_SECONDS: Final = 5.0


def validate(apis: tuple[str, ...]) -> None:
    """Refuses an API that gluetun does not know; raises SettingError."""
    for api in apis:
        custom = api.startswith(_ECHOIP) and re.match(r"https?://.+", api.removeprefix(_ECHOIP))
        if api.lower() not in _KNOWN and not custom:
            choices = " or ".join((*(f'"{name}"' for name in _KNOWN), f"a custom {_ECHOIP} url"))
            raise SettingError(
                "public IP check settings: API name: API name is not valid: "
                f'"{api}" can only be {choices}'
            )


class PublicIP:
    """What `GET /v1/publicip/ip` answers."""

    def __init__(self, apis: tuple[str, ...], file: str) -> None:
        self._apis = apis
        self._file = Path(file)
        self.data: dict[str, str] = {"public_ip": ""}

    def fetch(self) -> None:
        """Asks the first echoip API that answers; others need the real Internet and are skipped."""
        for api in self._apis:
            url = _URLS.get(api, api.removeprefix(_ECHOIP) if api.startswith(_ECHOIP) else "")
            if not url:
                continue
            try:
                with urllib.request.urlopen(f"{url}/json", timeout=_SECONDS) as answer:  # noqa: S310 - http or https, see validate
                    said = json.load(answer)
            except (OSError, ValueError) as error:
                log("ERROR", f"getting public IP address information: {error}", "ip getter")
                continue
            self._keep(said)
            return

    def _keep(self, said: dict[str, str]) -> None:
        fields = {"public_ip": "ip", "country": "country", "city": "city", "hostname": "hostname"}
        self.data = {name: said[key] for name, key in fields.items() if said.get(key)}
        log("INFO", f"Public IP address is {self.data.get('public_ip')}", "ip getter")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self.data.get("public_ip", ""))

    def clear(self) -> None:
        """Forgets it: without a tunnel there is none."""
        self.data = {"public_ip": ""}
        with contextlib.suppress(OSError):
            self._file.unlink()
