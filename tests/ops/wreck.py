"""What a killed `up` left: as plain values, and as a Pulumi and an engine that answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker.errors
import requests
import yaml

from tame_components.ops.checkpoint import Lock
from tame_components.ops.situation import Situation
from tests.harness.stacks import values


LOCK = Lock(pid=2**22 + 1, user="ann", host="", since="2026-11-21T14:02:11Z")
"""Of a process that cannot be: Linux gives no such number."""


def situation(**changes: Any) -> Situation:
    """A stack with which nothing is wrong, with *changes*."""
    well: dict[str, Any] = {
        "stack": "test",
        "backend": "file:///state",
        "files": None,
        "complaint": "",
        "damage": None,
        "locks": (),
        "pending": (),
        "knows": 12,
        "leftovers": (),
    }
    return Situation(**well | changes)


class Engine:
    """A Docker engine with the network and these services of the stack `test`."""

    def __init__(self, *services: str, refuses: int = 0) -> None:
        self.removed: list[str] = []
        self.refuses = refuses
        self._services = services

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """`GET /containers/json`."""
        assert all
        assert filters == {"label": ["tame.stack=test"]}
        return [
            {"Id": f"id-{name}", "Names": [f"/test-{name}"], "Labels": {"tame.service": name}}
            for name in self._services
        ]

    def networks(self, *, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`GET /networks`."""
        assert filters == {"label": ["tame.stack=test"]}
        return [{"Id": "id-net", "Name": "test-net"}]

    def inspect_network(self, net_id: str) -> dict[str, Any]:
        """`GET /networks/ID`."""
        return {"Id": net_id}

    def remove_container(self, container: str, *, v: bool, force: bool) -> None:
        """`DELETE /containers/ID`, never with its volumes."""
        assert (v, force) == (False, True)
        self._remove(container)

    def remove_network(self, net_id: str) -> None:
        """`DELETE /networks/ID`."""
        self._remove(net_id)

    def _remove(self, one: str) -> None:
        if self.refuses:
            response = requests.Response()
            response.status_code = self.refuses
            raise docker.errors.APIError("refused", response=response)
        self.removed.append(one)


_PROGRAM = """#!/bin/sh
# Answers as the real one; what it was asked is written down.
echo "$@" >> {folder}/asked
[ ! -e "{folder}/refuse-$1" ] || {{ echo "error: $(cat "{folder}/refuse-$1")" >&2; exit 255; }}
case "$1" in
whoami) echo '{{"user": "ann", "url": "file://{folder}/state"}}' ;;
stack) cat {folder}/export ;;
esac
"""


class FakePulumi:
    """A `pulumi` for PATH, a project with the stack `test`, and the files of its backend."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.project.mkdir(parents=True)
        (self.project / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
        config = {f"tame:{key}": value for key, value in values().items()}
        (self.project / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
        self.checkpoint = folder / "state/.pulumi/stacks/tame/test.json"
        self.checkpoint.parent.mkdir(parents=True)
        program = folder / "pulumi"
        program.write_text(_PROGRAM.format(folder=folder))
        program.chmod(0o755)

    @property
    def verbs(self) -> list[str]:
        """The first words of what was asked, in order."""
        lines = (self.folder / "asked").read_text().splitlines()
        return [" ".join(line.split()[:2]).removesuffix(" --json") for line in lines]

    def state(self, **deployment: Any) -> None:
        """What `stack export` prints."""
        (self.folder / "export").write_text(json.dumps({"version": 3, "deployment": deployment}))

    def break_state(self, before: Mapping[str, Any]) -> None:
        """A half written checkpoint, and *before* as the one before it."""
        self.refuse("stack export", "failed to load checkpoint: EOF")
        self.checkpoint.write_text("{")
        whole = {"version": 3, "checkpoint": {"latest": before}}
        self.checkpoint.with_name("test.json.bak").write_text(json.dumps(whole))

    def refuse(self, verb: str, why: str) -> None:
        """Let *verb* fail from now on."""
        (self.folder / f"refuse-{verb.split(maxsplit=1)[0]}").write_text(why)

    def lock(self, content: Mapping[str, Any]) -> None:
        """Lock the stack."""
        folder = self.folder / "state/.pulumi/locks/organization/tame/test"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "one.json").write_text(json.dumps(content))

    def unlock(self) -> None:
        """Take the lock away."""
        (self.folder / "state/.pulumi/locks/organization/tame/test/one.json").unlink()
