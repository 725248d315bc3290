"""Watching from end to end, through the filter: what a container says and how it is, arrives."""

from pathlib import Path

import pytest

from tame_components.catalog import catalog
from tests.harness.waiting import eventually
from tests.testbed.apps.ship import PYTHON, Ship, run_in


pytestmark = pytest.mark.engine

ASK = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=30).read().decode())"
SETTINGS = """
discovery.docker "stack" {{
  host = "{engine}"
  filter {{
    name   = "label"
    values = ["tame.stack={stack}"]
  }}
}}
loki.write "store" {{
  endpoint {{
    url = "http://{store}:3100/loki/api/v1/push"
  }}
}}
"""


def test_logs_and_health_arrive_through_the_filter(ship: Ship) -> None:
    """Alloy finds the containers, asks for their logs and fills Loki; cAdvisor tells of each."""
    if not ship.host.startswith("unix://"):
        pytest.skip("the engine's socket is not on this machine")
    socket = Path(ship.host.removeprefix("unix://"))
    proxy = ship.run(
        "socket-proxy",
        *catalog()["socket-proxy"].command,
        volumes=[f"{socket}:/var/run/docker.sock:ro"],
        user=f"65534:{socket.stat().st_gid}",
    )
    engine = f"tcp://{proxy.name}:2375"
    loki = ship.run("loki")
    marks = {"tame.service": ship.name, "tame.stack": ship.name}
    talker = ship.run("radarr", labels=marks)
    watcher = ship.run("cadvisor", f"-docker={engine}")
    settings = SETTINGS.format(engine=engine, stack=ship.name, store=loki.name)
    ship.run("alloy", files={"/etc/alloy/config.alloy": settings.encode()})
    query = "http://127.0.0.1:3100/loki/api/v1/label/service/values"

    eventually(lambda: ship.name in run_in(loki, PYTHON, "-c", ASK, query)[1], within=120)

    def told() -> bool:
        metrics = run_in(watcher, PYTHON, "-c", ASK, "http://127.0.0.1:8080/metrics")[1]
        return f'name="{talker.name}"' in metrics and "container_health_state{" in metrics

    assert eventually(told, within=60)


def test_rclone_copies_to_what_the_environment_names(ship: Ship) -> None:
    """The catalog's command, with the real program and an alias to a directory as the remote."""
    container = ship.run(
        "rclone",
        *catalog()["rclone"].command,
        environment={
            **catalog()["rclone"].environment,
            "RCLONE_CONFIG_OFFSITE_REMOTE": "/elsewhere",
        },
        files={"/backups/one/pack": b"snapshot", "/config/rclone/rclone.conf": b""},
    )

    assert container.wait(timeout=120)["StatusCode"] == 0, container.logs().decode()
    packed, _ = container.get_archive("/elsewhere/one/pack")
    assert b"snapshot" in b"".join(packed)
