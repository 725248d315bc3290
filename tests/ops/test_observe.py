"""What `tame status` says is what the engine said."""

import pytest
from typing_extensions import override

from tame_components.domain.errors import EngineUnreachable
from tame_components.domain.image import ImageReference
from tame_components.domain.lifecycle import State
from tame_components.ops.observe import MOVED, Observation, familiar, observe, state_of
from tests.harness.stacks import only, topology
from tests.ops.answers import NOW, Engine, container, image_id


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("running", "Up 2 minutes (healthy)", State.HEALTHY),
        ("running", "Up 2 minutes (unhealthy)", State.UNHEALTHY),
        ("running", "Up 3 seconds (health: starting)", State.STARTING),
        ("running", "Up 3 weeks", State.RUNNING),
        ("Running", "Up About a minute (healthy)", State.HEALTHY),
        ("exited", "Exited (137) 3 minutes ago", State.STOPPED),
        ("created", "Created", State.STOPPED),
        ("restarting", "Restarting (1) 5 seconds ago", State.RESTARTING),
        ("dead", "Dead", State.STOPPED),
    ],
)
def test_state_is_read_from_docker_s_words(state: str, status: str, expected: State) -> None:
    """Each text that Docker's list call gives amounts to one state."""
    assert state_of({"State": state, "Status": status}) is expected


def test_one_look_is_two_list_calls() -> None:
    """Observation never asks per container, whatever the number of services."""
    stack = topology()
    engine = Engine(stack)

    seen = observe(stack, engine, NOW)

    assert sorted(engine.asked) == ["containers", "images"]
    assert seen.healthy
    assert len(seen.services) == len(stack.services)


def test_a_service_without_a_container_is_missing() -> None:
    """A container removed by hand is a line of the table, not a gap."""
    stack = only("radarr", "sonarr")

    seen = observe(stack, Engine(stack, radarr=None), NOW)

    radarr = seen.services[0]
    assert (radarr.service, radarr.state, radarr.image) == ("radarr", State.MISSING, None)
    assert [one.service for one in seen.waiting_for] == ["radarr"]


def test_a_stopped_container_tells_its_exit_code() -> None:
    """The code is in the list's text, so no inspection is needed."""
    stack = only("radarr")
    engine = Engine(stack, radarr={"State": "exited", "Status": "Exited (137) 1 second ago"})

    assert observe(stack, engine, NOW).services[0].exit_code == 137


def test_a_container_without_a_probe_is_not_healthy() -> None:
    """Nobody judged it, so nobody may say that all is well."""
    stack = only("radarr")

    assert not observe(stack, Engine(stack, radarr={"Status": "Up 2 minutes"}), NOW).healthy


def test_another_version_differs_from_the_pin() -> None:
    """The drift names what the settings ask for."""
    stack = only("radarr")
    other = "lscr.io/linuxserver/radarr:5.26.2"
    engine = Engine(stack, radarr={"Image": other, "ImageID": "sha256:" + "f" * 64})

    radarr = observe(stack, engine, NOW).services[0]

    assert radarr.image == other
    assert radarr.drift is not None
    assert str(stack.service("radarr").image) in radarr.drift


def test_a_moved_tag_is_drift() -> None:
    """The same name with another image behind it runs something else than an `up` would."""
    stack = only("radarr")
    reference = str(stack.service("radarr").image)
    engine = Engine(stack, radarr={"Image": "sha256:" + "a" * 64})
    engine.move_tag(reference)

    assert observe(stack, engine, NOW).services[0].drift == MOVED


def test_the_default_registry_is_no_drift() -> None:
    """Docker lists `docker.io/qmcgaw/gluetun:v3` as `qmcgaw/gluetun:v3`."""
    stack = topology()
    gluetun = next(
        one for one in observe(stack, Engine(stack), NOW).services if one.service == "gluetun"
    )

    assert gluetun.pin.startswith("docker.io/")
    assert gluetun.drift is None


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("docker.io/library/alpine:3.20.1", "alpine:3.20.1"),
        ("docker.io/qmcgaw/gluetun:v3.41.3", "qmcgaw/gluetun:v3.41.3"),
        ("reg:5000/a:1.2.3@sha256:" + "0" * 64, "reg:5000/a@sha256:" + "0" * 64),
        ("reg:5000/a@sha256:" + "0" * 64, "reg:5000/a@sha256:" + "0" * 64),
        ("reg:5000/a", "reg:5000/a:latest"),
    ],
)
def test_a_reference_is_written_as_docker_lists_it(reference: str, expected: str) -> None:
    """Names are compared in one spelling, the same wherever an image is looked up."""
    assert familiar(reference) == expected == ImageReference.parse(reference).familiar


def test_a_pin_by_digest_is_compared_by_the_digest() -> None:
    """Docker lists what was pulled by tag and digest by its digest alone; the tag may move."""
    pin = "lscr.io/linuxserver/radarr:5.26.2@sha256:" + "1" * 64
    stack = topology(services={"radarr": {"image": pin}})
    listed = pin.replace(":5.26.2", "")
    right = Engine(stack, radarr={"ImageID": image_id("right")})
    right.lists("right", digests=[listed])
    right.lists("newer", tags=["lscr.io/linuxserver/radarr:5.26.2"])
    wrong = Engine(stack, radarr={"ImageID": image_id("newer"), "Image": "sha256:" + "a" * 64})
    wrong.lists("right", digests=[listed])
    wrong.lists("newer", tags=["lscr.io/linuxserver/radarr:5.26.2"])

    assert observe(stack, right, NOW).services[0].drift is None
    assert observe(stack, wrong, NOW).services[0].drift is not None


def test_containers_that_the_settings_lack_are_shown() -> None:
    """A service that was taken out of the settings does not run unseen."""
    stack = only("radarr", "sonarr")
    engine = Engine(stack)
    smaller = only("radarr")

    seen = observe(smaller, engine, NOW)

    assert [(one.container, one.service) for one in seen.strangers] == [("test-sonarr", "sonarr")]


def test_a_stand_in_is_told_by_its_label() -> None:
    """Fidelity comes from what runs, not from what was asked for."""
    stack = only("radarr")
    labels = {**container(stack, "radarr")["Labels"], "tame.fidelity": "api"}

    radarr = observe(stack, Engine(stack, radarr={"Labels": labels}), NOW).services[0]

    assert radarr.stand_in == "api"


def test_age_is_counted_from_the_container_s_making() -> None:
    """Two minutes after it was made the container is 120 s old."""
    stack = only("radarr")

    assert observe(stack, Engine(stack), NOW).services[0].age_seconds == 120


def test_an_engine_that_goes_away_is_an_error_of_ours() -> None:
    """The library's connection errors never reach a person."""
    stack = only("radarr")

    class Gone(Engine):
        @override
        def images(self) -> list[dict[str, object]]:
            raise ConnectionError

    with pytest.raises(EngineUnreachable):
        observe(stack, Gone(stack), NOW)


def test_the_json_s_keys_are_stable() -> None:
    """Scripts read these keys: a change here is a change of `version`."""
    assert set(Observation.model_fields) == {
        *("version", "stack", "environment", "rehearsal", "engine", "services", "strangers")
    }
    stack = only("radarr")
    plain = observe(stack, Engine(stack), NOW).model_dump(mode="json")
    assert set(plain["services"][0]) == {
        *("service", "app", "container", "state", "detail", "exit_code", "image", "pin", "drift"),
        *("stand_in", "age_seconds", "link", "can_open", "on_demand"),
    }
