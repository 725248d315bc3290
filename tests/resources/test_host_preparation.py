"""HostPreparation: what is run where, and what is refused before anything is."""

from typing import Any

import pytest

from tame_components.domain.errors import SecretMissing, TameError
from tame_components.domain.host_errors import PreparationElsewhere
from tame_components.resources.media_network import MediaNetwork, MediaNetworkArgs
from tame_components.resources.secrets import StackSecrets
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


KEY = {"host.ssh-key": "canary-key"}
OVER = {"host": "nas", "port": 2222, "user": "admin", "host_key": "ssh-ed25519 AAAA"}
LOCAL = "command:local:Command"
REMOTE = "command:remote:Command"


def network(given: dict[str, Any], **changes: Any) -> Recorder:
    secrets = StackSecrets(stack="test", root="r" * 32, given=given)
    topology = stacks.only("radarr", vpn=None, **changes)
    args = MediaNetworkArgs(topology=topology, secrets=secrets)
    return deploy(lambda: MediaNetwork("media", args))


def commands(recorder: Recorder) -> dict[str, str]:
    found = (one for one in recorder.requests.values() if one.type.startswith("command:"))
    return {one.name: one.type for one in found}


@pytest.mark.parametrize(
    ("preparation", "expected"),
    [
        (None, {"media-tree": LOCAL}),
        (
            {"log_rotation": False},
            {"media-host-checks": LOCAL, "media-host-tree": LOCAL},
        ),
        (
            {"over": OVER, "prune_images": "0 4 * * 0"},
            {f"media-host-{name}": REMOTE for name in ("checks", "tree", "prune", "logs")},
        ),
    ],
)
def test_what_is_run_where(preparation: dict[str, Any] | None, expected: dict[str, str]) -> None:
    """Without the setting as ever; with it, one command for each thing, here or over SSH."""
    assert commands(network(KEY, preparation=preparation)) == expected


def test_the_way_to_the_host_is_what_the_settings_say() -> None:
    """Host, port, user and keys arrive; the whole of it is one secret."""
    recorder = network(KEY, preparation={"over": OVER})
    connection = recorder.inputs_of("media-host-tree")["connection"]["value"]

    assert [connection[key] for key in ("host", "port", "user", "hostKey", "privateKey")] == [
        *("nas", 2222, "admin", "ssh-ed25519 AAAA", "canary-key"),
    ]
    assert recorder.plain_occurrences_of("canary-key") == []


def test_only_the_schedule_goes_with_the_stack() -> None:
    """Removing the setting or the stack removes the timer, and neither folders nor settings."""
    recorder = network(KEY, preparation={"over": OVER, "prune_images": "0 4 * * 0"})
    deletes = {name for name in commands(recorder) if "delete" in recorder.inputs_of(name)}

    assert deletes == {"media-host-prune"}


@pytest.mark.parametrize(
    ("given", "engine", "preparation", "error"),
    [
        ({}, "ssh://root@nas", {"over": OVER}, SecretMissing),
        (KEY, "ssh://root@nas", {}, PreparationElsewhere),
        (KEY, "tcp://nas:2376", {}, PreparationElsewhere),
    ],
)
def test_a_host_that_cannot_be_reached_is_refused(
    given: dict[str, Any], engine: str, preparation: dict[str, Any], error: type[TameError]
) -> None:
    """Nothing is prepared on this machine in the other one's place."""
    with pytest.raises(error):
        network(given, engine=engine, preparation=preparation)
