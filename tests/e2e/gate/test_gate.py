"""Sandbox and prod on one engine: prod runs what the sandbox proved, and else nothing."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from typing import Any

import docker
import docker.errors
import pytest

from testbed.images import build
from testbed.registry import Registry
from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal


NEXT = "2.6.0.1-ls1"
UNSAVED = {
    "rule": "not-backed-up",
    "service": "prowlarr",
    "owner": "tests",
    "reason": "a rehearsal keeps nothing",
    "expires": "2099-12-31",
}
PACK = ("--policy-pack", "policies")


@pytest.fixture(scope="module")
def images(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two releases of Prowlarr in a real registry, by digest."""
    first, second = *build(engine, ["prowlarr"]), *build(engine, ["prowlarr"], tag=NEXT)
    with Registry(tmp_path_factory.mktemp("registry")) as registry:
        names = []
        for image in (first, second):
            tag = image.rpartition(":")[2]
            digest = registry.push(engine, image, "prowlarr", tag)
            names.append(f"{registry.address}/prowlarr:{tag}@{digest}")
        yield names[0], names[1]
    with contextlib.closing(docker.DockerClient(engine)) as client:
        for name in names:
            with contextlib.suppress(docker.errors.ImageNotFound):  # refused before it was pulled
                client.images.remove(name, force=True)


def prove(stack: Rehearsal, image: str) -> None:
    """`tame gate --sign`, which has to pass and to name *image*."""
    done = stack.run("gate", stack.stack, "--json", "--soak", "1", "--sign", program="tame")
    found: dict[str, Any] = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("{\n") :])[
        0
    ]
    assert (done.returncode, found["verdict"]) == (0, "passed"), done.stdout
    assert found["release"]["images"] == {"prowlarr": image}


def promote(stack: Rehearsal) -> tuple[int, str]:
    """`tame promote`: the exit code and everything it said."""
    done = stack.run("promote", stack.stack, "--yes", "--soak", "1", program="tame")
    return done.returncode, done.stdout


def image(stack: Rehearsal) -> str:
    """What the container of Prowlarr was made from."""
    return str(stack.container("prowlarr").attrs["Config"]["Image"])


def test_prod_runs_what_the_sandbox_proved_and_nothing_else(
    make: Make, images: tuple[str, str]
) -> None:
    """No evidence, or another image: refused by name, untouched. Proved: promoted by digest."""
    good, other = images
    shape: dict[str, Any] = {
        "services": {"prowlarr": {"image": good}},
        "exemptions": [UNSAVED],
        "wait_timeout": 180,
    }
    sandbox, prod = make(**shape, environment="sandbox"), make(**shape, environment="prod")
    prod.env["PULUMI_BACKEND_URL"] = sandbox.env["PULUMI_BACKEND_URL"]
    assert prod.run("stack", "init", prod.stack).returncode == 0
    made = sandbox.up()
    assert made.code == 0, made.text
    key = sandbox.run("gate", sandbox.stack, "--new-key", program="tame").stdout
    public = key.partition("public_key: ")[2].strip()
    evidence = {
        "required": True,
        "sandbox": f"organization/tame/{sandbox.stack}",
        "public_key": public,
    }
    prod.change(evidence=evidence)

    refused = prod.up()
    assert refused.code != 0
    assert "no-evidence" in refused.text
    assert "TAME844" in refused.text
    assert prod.containers() == []

    prove(sandbox, good)
    shutil.rmtree(sandbox.project.directory / ".tame-evidence")  # the next job is a new checkout
    again = sandbox.up()
    assert (again.code, again.changes) == (0, {}), again.text
    code, text = promote(prod)
    assert code == 0, text
    assert image(prod) == good

    prod.change(services={"prowlarr": {"image": other}})
    before = prod.container("prowlarr").id
    refused = prod.up(*PACK)
    assert "other-release" in refused.text
    assert other in refused.text
    assert prod.container("prowlarr").id == before
