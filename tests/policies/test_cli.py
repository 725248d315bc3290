"""The pack under the real Pulumi: small programs that offend, and some that only look like it."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tame_components.catalog import catalog
from testbed.project import lay_out
from tests.harness.rehearsal import environment
from tests.policies.project import ROOT, Project


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

def container(name, *volumes, **given):
    state = {"host_path": f"/srv/config/{name}", "container_path": "/config"}
    defaults = {
        "image": f"lscr.io/linuxserver/{name}:5.26.2@sha256:" + "0123456789abcdef" * 4,
        "name": f"policies-{name}",
        "networks_advanced": [{"name": "policies-media"}],
        "volumes": [state, *volumes],
        "healthcheck": {"tests": ["CMD", "curl", "-fsS", "http://127.0.0.1/ping"]},
        "restart": "unless-stopped",
        "stop_timeout": 120,
        "memory": 512,
        "must_run": False,
    }
    return docker.Container(name, **(defaults | given), opts=options)

data = {"host_path": "/srv/data", "container_path": "/data"}
"""

CLEAN = """
gluetun = container("gluetun", capabilities={"adds": ["NET_ADMIN"]}, healthcheck=None,
    envs=["FIREWALL_OUTBOUND_SUBNETS=192.168.1.0/24"],
    ports=[{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}])
container("qbittorrent", {"host_path": "/srv/data/torrents", "container_path": "/data/torrents"},
    networks_advanced=None, network_mode=gluetun.id.apply(lambda id: f"container:{id}"))
container("radarr", data, envs=["API_KEY_FILE=/run/secrets/api-key"],
    image="lscr.io/linuxserver/radarr:6.2.1.10461-ls308@sha256:" + "0123456789abcdef" * 4)
container("plex", {"host_path": "/srv/data/media", "container_path": "/data/media"},
    ports=[{"internal": 32400, "external": 32400, "ip": "192.168.1.10"}])
container("backrest", {"host_path": "/srv/config", "container_path": "/all", "read_only": True})
"""

WAITING = """
chosen = pulumi_command.local.Command("tag", create="echo latest", logging="none")
container("bazarr", image=chosen.stdout.apply(lambda tag: f"lscr.io/linuxserver/bazarr:{tag}"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of its own."""
    return Project(tmp_path)


def test_a_stack_of_the_doctrine_passes_in_prod(project: Project) -> None:
    """Also where values are unknown in the preview; what is advised is said, and stops nobody."""
    good = project.run("preview", HEAD + CLEAN)

    assert good.code == 0, good.text
    assert "[mandatory]" not in good.text
    assert "[advisory] [severity: low]  unwatched-stack" in good.text
    assert "tame@v" in good.text


def test_the_stacks_environment_and_the_policy_config_set_the_levels(project: Project) -> None:
    """An unfiltered socket warns in dev, a tag is nobody's business; the pack's config decides."""
    program = """
container("dozzle", image="amir20/dozzle:8.13.1", volumes=[
    {"host_path": "/var/run/docker.sock", "read_only": True,
     "container_path": "/var/run/docker.sock"}])
"""
    dev = '{"tame:environment": "dev"}'

    warned = project.run("preview", HEAD + program, config=dev)
    policy = '{"unfiltered-docker-socket": "mandatory", "image-without-digest": "mandatory"}'
    strict = project.run("preview", HEAD + program, config=dev, policy=policy)

    assert warned.code == 0, warned.text
    assert "[advisory] [severity: critical]  unfiltered-docker-socket" in warned.text
    assert "image-without-digest" not in warned.text
    assert strict.code != 0
    assert "[mandatory] [severity: critical]  unfiltered-docker-socket" in strict.text
    assert "[mandatory] [severity: high]  image-without-digest" in strict.text


def test_what_a_preview_cannot_know_is_counted_and_stops_the_update(project: Project) -> None:
    """An image that is only known in the update: counted first, refused before it is created."""
    counted = project.run("preview", HEAD + WAITING)
    gate = project.run("preview", HEAD + WAITING, policy='{"unjudged-checks": "mandatory"}')
    applied = project.run("up", HEAD + WAITING, config='{"tame:rehearsal": true}')

    assert counted.code == 0, counted.text
    assert (
        "checks could not be judged yet, waiting for `image` of `policies-bazarr`" in counted.text
    )
    assert gate.code != 0
    assert applied.code != 0
    assert "image tag floats: `lscr.io/linuxserver/bazarr:latest`" in applied.text
    assert "policies-bazarr: created" not in applied.text


def test_the_committed_prod_without_a_lock_is_stopped_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pulumi preview` alone, without the pack: every image is named, and the command to run."""
    committed = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text("utf-8"))["config"]
    settings = {
        key.removeprefix("tame:"): value
        for key, value in committed.items()
        if key.startswith("tame:")
    }
    env = environment(tmp_path)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings["data"] = {"root": str(tmp_path / "data")}
    secrets = {
        f"secrets.{name}.{secret.name}": "0" * 43 + "="
        for name in settings["services"]
        for secret in catalog()[name].secrets
        if secret.derive == "given" and not secret.optional
    }
    project = lay_out(tmp_path / "project", "prod", settings, secrets)

    done = subprocess.run(
        ["pulumi", "preview", "--stack", "prod", "--non-interactive"],
        cwd=project.directory,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "TAME401" in text, text
    named = re.findall(r"^ +([a-z0-9-]+): image-without-digest: ", text, re.MULTILINE)
    assert set(settings["services"]) <= set(named)
    assert text.count("run `tame pins lock`") == len(named)
    assert set(re.findall(r"^ +[a-z0-9-]+: ([a-z-]+): ", text, re.MULTILINE)) == {
        "image-without-digest"
    }
