"""The real Alertmanager tells the right people of the right things, once."""

import http.server
import json
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tame_components.domain.topology import Topology
from tame_components.generated.alertmanager import CONFIG
from testbed.apps.real import alertmanager as as_debian_takes_it
from tests.generated.conftest import judged, tool, watched
from tests.harness.vacant import free_port
from tests.harness.waiting import eventually


RECEIVERS = {
    "all": {"kind": "slack"},
    "away": {"kind": "dead_man"},
    "loud": {"kind": "discord", "severities": ["critical"]},
}
LAST = "Last"
_HURRIES = {
    "group_wait: 30s": "group_wait: 1s",
    "group_interval: 1m": "group_interval: 1s",
    "repeat_interval: 5m": "repeat_interval: 1s",
}


class Witness(http.server.ThreadingHTTPServer):
    """Notes what it is told: receiver and the first words."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: set[tuple[str, str]] = set()
        self.beats: list[list[str]] = []
        """What each word to the dead man's switch was about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Witness

    def do_POST(self) -> None:
        """As Slack, Discord and a dead man's switch take a message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "alerts" in body:
            self.server.beats.append([one["labels"]["alertname"] for one in body["alerts"]])
        else:
            self._note(body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def _note(self, body: dict[str, Any]) -> None:
        (message,) = body.get("attachments") or body["embeds"]
        title = message["title"].removeprefix("[FIRING:1] ").partition(" (")[0]
        self.server.told.add((self.path.lstrip("/"), title))

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def witness() -> Iterator[Witness]:
    """Somebody on loopback whom Alertmanager takes for Slack and Discord."""
    server = Witness()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def teller(
    witness: Witness, lay_out: Callable[[Topology, str], Path], tmp_path: Path
) -> Iterator[str]:
    """The URL of an Alertmanager with the generated configuration, but for its patience."""
    program = tool("prometheus-alertmanager", "prometheus-alertmanager")
    topology = watched("alertmanager", observability={"receivers": RECEIVERS})
    place = lay_out(topology, "alertmanager") / CONFIG.lstrip("/")
    text = place.read_text().replace("/run/secrets", str(tmp_path))
    for patience, hurry in _HURRIES.items():
        text = text.replace(patience, hurry)
    place.write_text(text)
    for name in RECEIVERS:
        url = f"http://127.0.0.1:{witness.server_port}/{name}"
        (tmp_path / f"receiver-{name}").write_text(url)
    port = free_port()
    arguments = [
        f"--config.file={place}",
        f"--storage.path={tmp_path / 'state'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    command = [program, *as_debian_takes_it(arguments, tmp_path / "adjusted.yml")]
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: urllib.request.urlopen(f"{url}/-/ready", timeout=30), within=120)  # noqa: S310 - loopback only
        yield url
    finally:
        running.terminate()
        running.wait(60)


def _raise(teller: str, *alerts: dict[str, Any]) -> None:
    body = json.dumps([{"labels": labels} for labels in alerts]).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{teller}/api/v2/alerts", body, headers)  # noqa: S310 - same
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 - same
        pass


def _down(service: str, kind: str, severity: str, **labels: str) -> dict[str, str]:
    there = {"alertname": "ServiceDown", "service": service, "kind": kind, "severity": severity}
    return there | labels


def test_one_cause_brings_one_message(teller: str, witness: Witness) -> None:
    """What follows from a service, or from a gateway, that is down is not told beside it."""
    silent = {"alertname": "NobodyAnswersPrometheus", "severity": "warning"}
    _raise(
        teller,
        _down("gluetun", "vpn", "critical", gateway="gluetun"),
        _down("qbittorrent", "downloads", "warning", gateway="gluetun"),
        _down("radarr", "automation", "warning"),
        {**silent, "service": "radarr", "kind": "automation"},
        {**silent, "service": "sonarr", "kind": "automation"},
        {"alertname": "Watchdog", "severity": "none"},
    )
    expected = {
        ("all", "ServiceDown gluetun"),
        ("loud", "ServiceDown gluetun"),
        ("all", "ServiceDown radarr"),
        ("all", "NobodyAnswersPrometheus sonarr"),
    }
    eventually(lambda: witness.told >= expected, within=120)
    # Whatever else would have been told comes before this one.
    _raise(teller, {"alertname": LAST, "service": "plex", "severity": "warning"})
    eventually(lambda: ("all", f"{LAST} plex") in witness.told, within=120)

    assert witness.told - {("all", f"{LAST} plex")} == expected


@pytest.mark.parametrize(
    ("severity", "told"), [("warning", "all"), ("critical", "all,loud"), ("none", "(nobody)")]
)
def test_amtool_agrees_on_who_is_told(
    severity: str, told: str, lay_out: Callable[[Topology, str], Path], tmp_path: Path
) -> None:
    """`amtool config routes test` finds each receiver that wants the severity."""
    amtool = tool("amtool", "prometheus-alertmanager")
    topology = watched("alertmanager", observability={"receivers": RECEIVERS})
    place = lay_out(topology, "alertmanager") / CONFIG.lstrip("/")
    place.write_text(place.read_text().replace("/run/secrets", str(tmp_path)))
    for name in RECEIVERS:
        (tmp_path / f"receiver-{name}").write_text("https://example.org/hook")
    as_debian_takes_it([f"--config.file={place}"], tmp_path / "adjusted.yml")

    asked = ("config", "routes", "test", f"--config.file={tmp_path / 'adjusted.yml'}")

    assert judged(amtool, *asked, f"severity={severity}").splitlines()[0] == told


def test_a_dead_mans_switch_hears_again_and_again(teller: str, witness: Witness) -> None:
    """Of the watchdog alone, for as long as it fires; trouble is told to others."""
    _raise(
        teller,
        {"alertname": "Watchdog", "severity": "none"},
        _down("radarr", "automation", "critical"),
    )

    eventually(lambda: len(witness.beats) >= 2, within=120)
    eventually(lambda: ("all", "ServiceDown radarr") in witness.told, within=120)

    assert all(beat == ["Watchdog"] for beat in witness.beats)
    assert not any(title.startswith("Watchdog") for _, title in witness.told)
