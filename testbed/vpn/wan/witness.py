"""The witness: answers who is asking, and remembers everyone who ever asked.

`GET /ip` answers the source address as text, `GET /json` as echoip does; `GET /hits` from the
witness's own container answers what it has seen, and is no hit itself.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypedDict

from testbed.vpn.gluetun.ending import leave, when_asked
from testbed.vpn.gluetun.health import quiet
from testbed.vpn.wan import WITNESS_PORT


class Hit(TypedDict):
    """One request that reached the witness."""

    at: float
    """Seconds since 1970."""
    source: str
    path: str


_HITS: list[Hit] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        source = self.client_address[0]
        if source == "127.0.0.1" and self.path == "/hits":
            self._say(json.dumps(_HITS))
            return
        _HITS.append({"at": time.time(), "source": source, "path": self.path})
        sys.stdout.write(f"{source} {self.path}\n")
        sys.stdout.flush()
        self._say(json.dumps({"ip": source}) if self.path == "/json" else source)

    def _say(self, text: str) -> None:
        raw = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    log_message = quiet


def main() -> int:
    """Serves until a signal."""
    wait = when_asked()
    server = ThreadingHTTPServer(("", WITNESS_PORT), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wait()
    return 0


if __name__ == "__main__":
    leave(main())
