"""The pack under the real Pulumi: small programs that offend, and some that only look like it."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.harness.rehearsal import environment


ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (ROOT / ".tame/bin/pulumi").exists(),
        reason="there is no toolchain yet: `ci/toolchain/ensure` makes it",
    ),
]

HEAD = """
import pulumi
import pulumi_command
import pulumi_docker as docker

provider = docker.Provider("engine", host="unix:///var/run/docker.sock")
options = pulumi.ResourceOptions(provider=provider)

def container(name, **given):
    defaults = {
        "image": f"lscr.io/linuxserver/{name}:5.26.2",
        "name": f"policies-{name}",
        "networks_advanced": [{"name": "policies-media"}],
        "must_run": False,
        "start": False,
    }
    return docker.Container(name, **(defaults | given), opts=options)

data = {"host_path": "/srv/data", "container_path": "/data"}
"""

LOOKALIKES = """
gluetun = container("gluetun", capabilities={"adds": ["NET_ADMIN"]},
    envs=["FIREWALL_OUTBOUND_SUBNETS=192.168.1.0/24"],
    ports=[{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}])
container("qbittorrent", networks_advanced=None,
    network_mode=gluetun.id.apply(lambda id: f"container:{id}"),
    volumes=[{"host_path": "/srv/data/torrents", "container_path": "/data/torrents"}])
container("radarr", volumes=[data, {"host_path": "/srv/radarr", "container_path": "/config"}],
    envs=["API_KEY_FILE=/run/secrets/api-key"])
container("plex", ports=[{"internal": 32400, "external": 32400, "ip": "192.168.1.10"}],
    volumes=[{"host_path": "/srv/data/media", "container_path": "/data/media"}])
"""

OFFENDERS = """
gluetun = container("gluetun", envs=["FIREWALL_OUTBOUND_SUBNETS=0.0.0.0/0"],
    ports=[{"internal": 8080, "external": 8080, "ip": "192.168.1.10"}])
container("qbittorrent")
container("radarr", image="lscr.io/linuxserver/radarr:latest", volumes=[data,
    {"host_path": "/srv/data/media", "container_path": "/data/media"}],
    envs=["API_KEY=0123456789abcdef0123456789abcdef"])
container("dozzle", volumes=[{"host_path": "/var/run/docker.sock",
    "container_path": "/var/run/docker.sock"}])
container("plex", ports=[{"internal": 32400, "external": 32400}], privileged=True)
"""

WAITING = """
chosen = pulumi_command.local.Command("tag", create="echo latest", logging="none")
container("bazarr", image=chosen.stdout.apply(lambda tag: f"lscr.io/linuxserver/bazarr:{tag}"))
"""


class Done(NamedTuple):
    """What a command line did."""

    code: int
    text: str


Run = Callable[..., Done]


@pytest.fixture
def pulumi(tmp_path: Path) -> Run:
    """Runs the real CLI on a program, with the pack, in a project of its own."""
    project = tmp_path / "project"
    project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(json.dumps({"name": "tame", "runtime": runtime}))
    env = environment(tmp_path)

    def call(command: list[str]) -> Done:
        done = subprocess.run(
            [*command, "--non-interactive"],
            cwd=project,
            env=env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def run(verb: str, program: str, *, config: str = "", policy: str = "") -> Done:
        (project / "__main__.py").write_text(HEAD + program)
        (project / "Pulumi.test.yaml").write_text(f'{{"config": {config or "{}"}}}')
        (tmp_path / "policy.json").write_text(policy or "{}")
        call(["pulumi", "stack", "select", "--create", "test"])
        return call(
            [
                *("pulumi", verb, "--stack", "test", "--policy-pack", str(ROOT / "policies")),
                *("--policy-pack-config", str(tmp_path / "policy.json")),
                *(("--yes", "--skip-preview") if verb == "up" else ()),
            ]
        )

    return run


def test_offenders_stop_the_preview_and_lookalikes_pass(pulumi: Run) -> None:
    """Each offence is named; what only looks like one is not, even where values are unknown."""
    bad = pulumi("preview", OFFENDERS)
    good = pulumi("preview", LOOKALIKES)

    assert bad.code != 0
    for policy in (
        "open-killswitch",
        "exposed-operator-ui-across-stack",
        "torrent-off-vpn",
        "floating-image-tag",
        "split-data-tree",
        "literal-secret",
        "writable-docker-socket",
        "unfiltered-docker-socket",
        "unbound-port",
        "privileged-container",
    ):
        assert re.search(rf"\[mandatory\] \[severity: \w+\]  {policy} ", bad.text), policy
    assert "0123456789abcdef0123456789abcdef" not in bad.text
    assert good.code == 0, good.text
    assert "[mandatory]" not in good.text
    assert "tame@v" in good.text


def test_the_stacks_environment_and_the_policy_config_set_the_levels(pulumi: Run) -> None:
    """An unfiltered socket warns in dev; `--policy-pack-config` has the last word."""
    program = """
container("dozzle", volumes=[{"host_path": "/var/run/docker.sock", "read_only": True,
    "container_path": "/var/run/docker.sock"}])
"""
    dev = '{"tame:environment": "dev"}'

    warned = pulumi("preview", program, config=dev)
    strict = pulumi(
        "preview", program, config=dev, policy='{"unfiltered-docker-socket": "mandatory"}'
    )

    assert warned.code == 0, warned.text
    assert "[advisory] [severity: critical]  unfiltered-docker-socket" in warned.text
    assert strict.code != 0
    assert "[mandatory] [severity: critical]  unfiltered-docker-socket" in strict.text


def test_what_a_preview_cannot_know_is_counted_and_stops_the_update(pulumi: Run) -> None:
    """An image that is only known in the update: counted first, refused before it is created."""
    counted = pulumi("preview", WAITING)
    gate = pulumi("preview", WAITING, policy='{"unjudged-checks": "mandatory"}')
    applied = pulumi("up", WAITING, config='{"tame:rehearsal": true}')

    assert counted.code == 0, counted.text
    assert (
        "checks could not be judged yet, waiting for `image` of `policies-bazarr`" in counted.text
    )
    assert gate.code != 0
    assert applied.code != 0
    assert "image tag floats: `lscr.io/linuxserver/bazarr:latest`" in applied.text
    assert "policies-bazarr: created" not in applied.text
