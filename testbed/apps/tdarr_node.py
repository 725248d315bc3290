"""A Tdarr node."""

import threading
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import Request as Call
from urllib.request import urlopen

from typing_extensions import override

from testbed.apps.application import Application


_PAUSE_SECONDS = 2.0


class StandIn(Application):
    """Asks its server until that answers, and says so in its log; no work is taken."""

    process = "Tdarr_Node"

    @override
    def routes(self) -> None:
        """Nobody calls a node."""
        self._ended = threading.Event()
        self._server = self.place.environment.get("serverURL", "http://0.0.0.0:8266")

    @override
    def listening(self, port: int) -> None:
        threading.Thread(target=self._connect, daemon=True).start()

    @override
    def close(self) -> None:
        self._ended.set()

    def _connect(self) -> None:
        while not self._ended.is_set() and not self._reached():
            self.log("ERROR", f"Tdarr_Node - Server not alive {self._server}")
            self._ended.wait(_PAUSE_SECONDS)

    def _reached(self) -> bool:
        key = self.place.environment.get("apiKey", "")
        call = Call(f"{self._server}/api/v2/get-nodes", headers={"x-api-key": key})  # noqa: S310 - the stack's own server
        try:
            with urlopen(call, timeout=5) as answer:  # noqa: S310 - same
                self.log("INFO", f"Tdarr_Node - connected to {self._server}")
                return bool(answer.status == HTTPStatus.OK)
        except (URLError, OSError):
            return False
