"""cloudflared."""

from pathlib import Path

from testbed.apps.application import fatal
from testbed.apps.place import Place
from testbed.apps.plain import Plain, exposition


class StandIn(Plain):
    """Says that it is connected, and never is: nothing leaves this machine through it."""

    health = ("/ready",)
    pages = {  # noqa: RUF012 - never changed
        "/ready": {"status": 200, "readyConnections": 4, "connectorId": "stand-in"},
        "/healthcheck": "OK\n",
        "/metrics": exposition(cloudflared_tunnel_ha_connections=4),
    }

    def __init__(self, place: Place) -> None:
        path = place.environment.get("TUNNEL_TOKEN_FILE", "")
        if path and not Path(path).read_text("utf-8").strip():
            fatal("Provided Tunnel token is not valid.")
            raise SystemExit(1)
        super().__init__(place)
