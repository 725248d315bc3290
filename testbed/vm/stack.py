"""The stack in the machine: its images, its project, and the three commands of a sandbox."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tame_components.domain.paths import MARKER
from testbed import engine, images
from testbed.project import Project, lay_out
from testbed.vm.errors import VmStackFailed
from testbed.vm.machine import Machine


STACK: Final = "vm"
APPS: Final = ("prowlarr",)
"""A stack that a machine without KVM starts in minutes."""
_DATA: Final = "/srv/data"
_CONFIG: Final = "/srv/appconfig"
_SOAK: Final = 5
_UNSAVED: Final = "not-backed-up"


def settings_of(machine: Machine, apps: Sequence[str] = APPS) -> dict[str, Any]:
    """The stack's settings: what a sandbox on another machine says."""
    access = machine.access
    return {
        "environment": "sandbox",
        "rehearsal": True,
        "engine": access.engine,
        "data": {"root": _DATA},
        "config_root": _CONFIG,
        "identity": {"docker_gid": _docker_group(machine)},
        "services": {name: {} for name in apps},
        "preparation": {
            "over": {
                "host": "127.0.0.1",
                "port": access.port,
                "user": access.user,
                "host_key": access.host_key,
            },
        },
        "probe_interval": 30,
        "wait_timeout": 900,
        "evidence": {"soak_seconds": _SOAK},
        "exemptions": [
            {
                "rule": _UNSAVED,
                "service": name,
                "owner": "ci/vm",
                "reason": "the machine is thrown away",
                "expires": "2099-12-31",
            }
            for name in apps
        ],
    }


def load(machine: Machine, say: Callable[[str], None], apps: Sequence[str] = APPS) -> None:
    """Bring the stand-in images into the machine's engine."""
    host = engine.ensure(say).host
    names = images.build(host, list(apps), say=say)
    with subprocess.Popen(
        ["docker", "--host", host, "save", *names], stdout=subprocess.PIPE
    ) as saving:
        done = machine.run("docker", "load", give=saving.stdout)
        if saving.stdout is not None:
            saving.stdout.close()
    if done.returncode != 0 or saving.returncode != 0:
        raise VmStackFailed(["docker", "load"], done.returncode or saving.returncode)


def lay(machine: Machine, apps: Sequence[str] = APPS) -> Project:
    """The project, beside the machine; and the marked data root, as a person would make it."""
    done = machine.run(f"mkdir -p {_DATA} {_CONFIG} && touch {_DATA}/{MARKER}")
    if done.returncode != 0:
        raise VmStackFailed(["mkdir", _DATA], done.returncode)
    state = machine.directory / "state"
    state.mkdir(exist_ok=True)
    os.environ |= environment(machine)
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
    settings = settings_of(machine, apps)
    # lay_out makes and marks a data root here; this one is the machine's.
    here = {**settings, "data": {"root": str(machine.directory / "data")}}
    given = {"secrets.host.ssh-key": machine.access.private_key}
    project = lay_out(machine.directory / "project", STACK, here, given)
    project.file.write_text(project.file.read_text().replace(here["data"]["root"], _DATA))
    return project


def environment(machine: Machine) -> dict[str, str]:
    """In which `ssh` knows the machine and Pulumi's state goes with it."""
    return {
        "PATH": f"{machine.access.programs}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{machine.directory / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
    }


def up(project: Project) -> None:
    """`pulumi up`, judged by the doctrine."""
    pack = ["--policy-pack", str(project.directory / "policies")]
    _do(project, "pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", *pack)


def gate(project: Project) -> None:
    """`tame gate`: may production run this?"""
    _do(project, "tame", "gate", STACK)


def destroy(project: Project) -> None:
    """`pulumi destroy`."""
    _do(project, "pulumi", "destroy", "--stack", STACK, "--yes", "--skip-preview")


def _do(project: Project, *command: str) -> None:
    """Run it where the project is; its output is the person's."""
    done = subprocess.run(command, cwd=project.directory, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise VmStackFailed(command, done.returncode)


def _docker_group(machine: Machine) -> int:
    found = machine.run("stat", "-c", "%g", "/var/run/docker.sock")
    if found.returncode != 0:
        raise VmStackFailed(["stat", "/var/run/docker.sock"], found.returncode)
    return int(found.stdout)


def cache(environment: dict[str, str] | None = None) -> Path:
    """Where built disks lie; may be deleted at any time."""
    known = os.environ if environment is None else environment
    base = known.get("XDG_CACHE_HOME") or f"{known.get('HOME', str(Path.home()))}/.cache"
    return Path(base) / "tame" / "vm"
