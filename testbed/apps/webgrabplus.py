"""WebGrab+Plus."""

import re

from typing_extensions import override

from testbed.apps.application import Application


_NAME = re.compile(r"<filename>(.*?)</filename>")
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<tv generator-info-name="stand-in"></tv>\n'


class StandIn(Application):
    """Its scheduler runs; one guide without programmes is written at the start, nothing grabbed."""

    process = "crond"

    @override
    def routes(self) -> None:
        """Nobody calls it."""

    @override
    def listening(self, port: int) -> None:
        settings = self.place.state / "WebGrab++.config.xml"
        match = _NAME.search(settings.read_text("utf-8")) if settings.exists() else None
        path = self.place.state / "guide/guide.xml"
        if match is None or match[1] != "/config/guide/guide.xml":
            self.log("Warning", "the guide would be written where nobody finds it")
        elif not path.exists():
            path.write_text(_EMPTY)
        self.log("Info", "crond: crond (busybox) started, log level 5")
