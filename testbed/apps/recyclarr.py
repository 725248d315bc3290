"""Recyclarr."""

import itertools
import re
from pathlib import Path
from typing import Any

from typing_extensions import override

from testbed.apps.once import Once
from testbed.apps.settings_yaml import parse


_VARIABLE = re.compile(r"!env_var\s+(\S+)")


class StandIn(Once):
    """Reads its configuration and asks each application with the key there; writes nothing."""

    @override
    def run(self) -> int:
        self.say(f"[INF] recyclarr {' '.join(self.place.arguments)}: stand-in {self.place.version}")
        arguments = list(self.place.arguments)
        paths = [Path(two) for one, two in itertools.pairwise(arguments) if one == "--config"]
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            self.say(f"[ERR] Could not find configuration files: {', '.join(missing)}")
            return 1
        found = [
            (name, instance)
            for path in paths
            for section in (parse(path.read_text("utf-8")) or {}).values()
            for name, instance in section.items()
        ]
        return max((self._synchronise(name, one) for name, one in found), default=0)

    def _synchronise(self, name: str, instance: dict[str, Any]) -> int:
        key = self._resolved(str(instance["api_key"]))
        if key is None:
            self.say(f"[ERR] {name}: {instance['api_key']} is not defined")
            return 1
        told = self.ask(f"{instance['base_url']}/api/v3/system/status", {"X-Api-Key": key})
        if "version" not in told:
            self.say(f"[ERR] {name}: {told.get('error')}")
            return 1
        wanted = [
            str(value)
            for one in (*instance.get("include", ()), *instance.get("quality_profiles", ()))
            for value in one.values()
        ]
        what = ", ".join(wanted) or "nothing"
        self.say(f"[INF] {name}: {told['version']} answers; would write {what}")
        return 0

    def _resolved(self, text: str) -> str | None:
        """EnvironmentVariablesDeserializer.cs: the variable's value, unless it is empty."""
        match = _VARIABLE.fullmatch(text)
        if match is None:
            return text
        return self.place.environment.get(match[1].strip("'\"")) or None
