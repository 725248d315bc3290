"""Kometa."""

import re
from pathlib import Path
from typing import Any

from typing_extensions import override

from testbed.apps.once import Once
from testbed.apps.settings_yaml import parse


_OWN = {
    "KOMETA_CONFIG",
    "KOMETA_DOCKER",
    "KOMETA_PLEX_TOKEN",
    "KOMETA_READ_ONLY_CONFIG",
    "KOMETA_RUN",
    "KOMETA_TIMES",
}
_PLACE = re.compile(r"<<(.+)>>")


class StandIn(Once):
    """Reads its configuration and asks whom it names there; it changes no library."""

    @override
    def run(self) -> int:
        told = self.place.environment
        self.place.file("logs/meta.log").write_text("stand-in\n")
        path = Path(told.get("KOMETA_CONFIG", "/config/config.yml"))
        self.say(f"Kometa {self.place.version}: stand-in, with {path}")
        if not path.exists():
            self.say(f"Config Error: Configuration file (config.yml) not found at {path}")
            return 0  # as kometa.py
        config = parse(path.read_text("utf-8")) or {}
        self.say(f"libraries: {', '.join(config.get('libraries') or ()) or 'none'}")
        for section in ("plex", "tautulli", "radarr", "sonarr"):
            if section in config:
                self.say(f"{section}: {self._connect(section, config[section])}")
        return 0

    def _connect(self, section: str, told: dict[str, Any]) -> str:
        url, key = told["url"], self._filled(str(told.get("token") or told.get("apikey")))
        match section:
            case "plex":
                path, headers = "/library/sections", {"X-Plex-Token": key}
            case "tautulli":
                path, headers = f"/api/v2?apikey={key}&cmd=status", {}
            case _:
                path, headers = "/api/v3/system/status", {"X-Api-Key": key}
        answer = self.ask(f"{url}{path}", headers)
        return str(answer["error"]) if "error" in answer else f"{url} answers"

    def _filled(self, text: str) -> str:
        """The value of a placeholder; modules/config.py, `check_next` and `ENV`."""
        if text == "ENV":
            return self.place.environment.get("KOMETA_PLEX_TOKEN", "")
        match = _PLACE.fullmatch(text)
        if match is None:
            return text
        secrets = {
            name.lower().removeprefix("kometa_").replace("_", "-"): value
            for name, value in self.place.environment.items()
            if name.upper().startswith("KOMETA_") and name not in _OWN
        }
        return secrets.get(match[1], "")
