"""A container that is made and not started stays at rest, whatever it does in between."""

from typing import Any

import pytest
from docker.api.client import APIClient

from tests.toolchain.docker_provider.conftest import IMAGE, Resource


pytestmark = pytest.mark.engine

ON_DEMAND: dict[str, Any] = {
    "image": IMAGE,
    "command": ["/bin/busybox", "sh", "-c", "exit 3"],
    "start": False,
    "mustRun": False,
    "restart": "no",
    "wait": False,
    "stopTimeout": 30,
    "destroyGraceSeconds": 30,
    "memory": 64,
    "memorySwap": 64,
    "logDriver": "json-file",
    "logOpts": {"max-file": "3", "max-size": "10m"},
    "securityOpts": ["no-new-privileges:true"],
}


def differs(container: Resource, inputs: dict[str, Any]) -> list[str]:
    """What a refresh and a preview after it would change."""
    assert container.read()
    return sorted(container.diff(**inputs).detailedDiff)


def test_it_rests_before_and_after_a_run(container: Resource, api: APIClient, name: str) -> None:
    """Made, run by hand, ended badly: no refresh finds anything to do, and it is not started."""
    inputs = {**ON_DEMAND, "name": name}
    container.create(**inputs)

    assert api.inspect_container(container.id)["State"]["Status"] == "created"
    assert differs(container, inputs) == []
    api.start(container.id)
    assert api.wait(container.id)["StatusCode"] == 3
    assert differs(container, inputs) == []
    assert container.state["exitCode"] == 3
    assert api.inspect_container(container.id)["State"]["Status"] == "exited"


@pytest.mark.parametrize(
    "given",
    [
        {"gpus": "all"},
        {"gpus": "device=0,1"},
        {"groupAdds": ["44", "109"], "devices": [{"hostPath": "/dev/null"}]},
        {"runtime": "runc", "shmSize": 256, "tmpfs": {"/transcode": "size=64m,mode=1777"}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_a_gpu_needs_is_no_difference_on_refresh(
    container: Resource, name: str, given: dict[str, Any]
) -> None:
    """On a machine without that GPU too: it is asked for when the container starts."""
    inputs = {**ON_DEMAND, "name": name, **given}
    container.create(**inputs)

    assert differs(container, inputs) == []
