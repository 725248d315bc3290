"""The stage of the rehearsal: two releases in a real registry, two stacks, and a repository.

Below `.tame/act` of the checkout: `repository` (what a person has pushed), `origin` (where to),
`state` (the backend), `host` (data trees), `registry`, `kept` (what the hosted service would keep).
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from testbed import engine, images
from testbed.act.errors import RehearsalUnready
from testbed.project import ROOT, lay_out
from testbed.registry import Registry


STACKS: Final = ("sandbox", "prod")
NEXT: Final = "2.5.4.1-ls1"
"""The release that the pull request proposes."""
FAILING: Final = "2.5.5.1-ls1"
"""One that is well for a minute: the sandbox proves it, and production, which looks longer, not."""
_FAULT, _LONGER = "exits-after-60s", 75
_URL: Final = "https://github.com/home/media"
PASSPHRASE: Final = "only-for-this-rehearsal"  # noqa: S105 - of stacks that are thrown away
_APP: Final = "prowlarr"
_SOAK: Final = 2
_UNSAVED: Final = {
    "rule": "not-backed-up",
    "service": _APP,
    "owner": "ci/act",
    "reason": "a rehearsal keeps nothing",
    "expires": "2099-12-31",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything lies."""

    home: Path = ROOT / ".tame/act"

    @property
    def repository(self) -> Path:
        """A copy of the checkout, as it would be pushed."""
        return self.home / "repository"

    @property
    def origin(self) -> Path:
        """A bare repository in the place of the hosted one."""
        return self.home / "origin"

    @property
    def redirection(self) -> dict[str, str]:
        """Git's variables that lead from the hosted address to `origin`.

        Not the repository's own configuration: from that the runner takes the repository's name.
        """
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.origin}.insteadOf",
            "GIT_CONFIG_VALUE_0": _URL,
        }

    @property
    def backend(self) -> str:
        """Where the stacks' state is."""
        return f"file://{self.home / 'state'}"

    @property
    def kept(self) -> Path:
        """Artifacts, SARIF files and comments."""
        return self.home / "kept"

    def registry(self) -> Registry:
        """Runs until `ci/act clean`: its port is part of the images' names."""
        return Registry(self.home / "registry")


def releases(
    host: str, registry: Registry, say: Callable[[str], None], *, failing: bool
) -> tuple[str, str]:
    """Two releases of one application, pushed: the running one, and the next; by digest."""
    tag, fault = (FAILING, _FAULT) if failing else (NEXT, "")
    first, second = (
        *images.build(host, [_APP], say=say),
        *images.build(host, [_APP], tag=tag, fault=fault, say=say),
    )
    named = []
    for image in (first, second):
        tag = image.rpartition(":")[2]
        digest = registry.push(host, image, _APP, tag)
        named.append(f"{registry.address}/{_APP}:{tag}@{digest}")
    return named[0], named[1]


def settings_of(
    stack: str, home: Path, host: str, image: str, proof: Mapping[str, Any]
) -> dict[str, Any]:
    """The plain settings of a rehearsal *stack* that runs *image*."""
    longer = stack == "prod" and f":{FAILING}@" in image
    evidence = {"soak_seconds": _LONGER if longer else _SOAK, **proof}
    return {
        "environment": stack,
        "rehearsal": True,
        "engine": host,
        "data": {"root": str(home / "host" / stack / "data")},
        "config_root": str(home / "host" / stack / "config"),
        "identity": {"docker_gid": Path(host.removeprefix("unix://")).stat().st_gid},
        "services": {_APP: {"image": image}},
        "probe_interval": 1,
        "wait_timeout": 180,
        "evidence": evidence,
        "exemptions": [_UNSAVED],
    }


def prepare(stage: Stage, image: str, host: str) -> None:
    """Lay out both stacks with *image*, and put their settings into the repository."""
    (stage.home / "state").mkdir(parents=True, exist_ok=True)
    os.environ |= {"PULUMI_BACKEND_URL": stage.backend, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
    key = stage.home / "public-key"
    for stack in STACKS:
        proof: dict[str, Any] = {}
        if stack == "prod":
            proof = {
                "required": True,
                "sandbox": f"organization/{_project()}/{STACKS[0]}",
                "public_key": key.read_text(),
            }
        project = lay_out(
            stage.home / "settings" / stack,
            stack,
            settings_of(stack, stage.home, host, image, proof),
            {},
        )
        if stack == STACKS[0] and not key.exists():
            told = run(["tame", "gate", stack, "--new-key"], project.directory)
            key.write_text(told.partition("public_key: ")[2].split()[0])
        shutil.copyfile(project.file, stage.repository / project.file.name)


def copy_tree(stage: Stage) -> None:
    """Copy what Git would push, and what is not committed yet, on top of what was pushed before."""
    shutil.rmtree(stage.repository, ignore_errors=True)
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, stage.repository / name
        if not source.is_file():  # removed, and that is not committed
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    os.environ |= stage.redirection
    run(["git", "init", "--quiet", "--bare", str(stage.origin)], stage.home)
    run(["git", "init", "--quiet", "--initial-branch", "main"], stage.repository)
    run(["git", "remote", "add", "origin", _URL], stage.repository)
    if run(["git", "ls-remote", "origin", "refs/heads/main"], stage.repository):
        run(["git", "fetch", "--quiet", "origin", "main"], stage.repository)
        run(["git", "reset", "--quiet", "--soft", "FETCH_HEAD"], stage.repository)


def commit(stage: Stage, message: str) -> str:
    """Commit everything in the repository and push it; the commit."""
    here = stage.repository
    who = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@example.org"]
    run(["git", "add", "--all"], here)
    run(["git", *who, "commit", "--quiet", "--allow-empty", "--message", message], here)
    run(["git", "push", "--quiet", "origin", "main"], here)
    return run(["git", "rev-parse", "HEAD"], here).strip()


def run(command: Sequence[str], directory: Path) -> str:
    """What a command prints.

    Raises:
        RehearsalUnready: it failed.
    """
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RehearsalUnready(command, done.stdout + done.stderr)
    return done.stdout


def clean(stage: Stage) -> None:
    """Destroy both stacks, stop the registry, remove everything."""
    os.environ |= {"PULUMI_BACKEND_URL": stage.backend, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
    for stack in reversed(STACKS):
        project = stage.home / "settings" / stack
        if (project / "Pulumi.yaml").exists():
            flags = ["--stack", stack, "--yes", "--skip-preview", "--parallel", "32"]
            run(["pulumi", "destroy", *flags], project)
    if stage.home.exists():
        stage.registry().stop()
        shutil.rmtree(stage.home)


def docker_host(say: Callable[[str], None]) -> str:
    """The engine that the stacks live on."""
    return engine.ensure(say).host


def _project() -> str:
    name: str = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"]
    return name
