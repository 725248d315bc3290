"""From proxies to facts: unknown values, absent keys, evidence in labels."""

from typing import Any

import pytest
from pulumi_policy.proxy import unknown_checking_proxy

from policies import facts, reading
from tame_components.domain.container import Container
from tame_components.rules import RULES
from tests.policies.resources import UNKNOWN, UNKNOWN_LIST, props


def read(**changes: Any) -> Container:
    """The facts of a container with *changes*."""
    return facts.container_of(unknown_checking_proxy(props(**changes)), "resource")


def test_every_field_that_a_rule_reads_is_filled() -> None:
    """A rule on a field that the pack never fills would pass everything."""
    for rule in RULES.values():
        assert rule.reads <= facts.READ, rule.name


def test_known_properties_become_facts() -> None:
    """Lists, maps and nested objects, read through proxies; numbers arrive as floats."""
    found = read(
        envs=["A=1", "B=x=y"],
        ports=[{"internal": 7878.0, "external": 7879.0, "ip": "127.0.0.1"}],
        capabilities={"adds": ["NET_ADMIN"]},
        mounts=[
            {
                "type": "volume",
                "target": "/config",
                "source": "v",
                "volumeOptions": {"driverName": "nfs", "driverOptions": {"o": "addr=1"}},
            }
        ],
        labels=[{"label": "tame.service", "value": "movies"}],
        securityOpts=["no-new-privileges:true"],
        privileged=True,
    )

    assert found.environment == {"A": "1", "B": "x=y"}
    assert (found.ports[0].host, found.ports[0].container) == (7879, 7878)
    assert found.capabilities == ("NET_ADMIN",)
    assert (found.mounts[-1].driver, found.mounts[-1].options) == ("nfs", {"o": "addr=1"})
    assert (found.service, found.privileged) == ("movies", True)
    assert found.attachments[0].aliases == ("radarr",)
    assert found.unknown == frozenset()


def test_how_it_runs_becomes_facts() -> None:
    """Health, restart, limits and devices; what Docker does where nobody says anything."""
    found = read(
        healthcheck={"tests": ["CMD", "true"], "startPeriod": "1m30s", "retries": 3.0},
        devices=[{"hostPath": "/dev/dri", "containerPath": "/dev/dri"}],
        tmpfs={"/transcode": "size=1g"},
        sysctls={"net.ipv6.conf.all.disable_ipv6": "1"},
        logDriver="local",
        logOpts={"max-size": "1m"},
        memory=2048.0,
        start=False,
        user="1000:13000",
    )
    bare = facts.container_of(unknown_checking_proxy({"image": "x:1.2.3"}), "x")

    assert found.probe is not None
    assert (found.probe.test, found.probe.timing.start_period) == (("CMD", "true"), 90)
    assert (found.devices, found.tmpfs) == (("/dev/dri",), {"/transcode": "size=1g"})
    assert found.log_options == {"max-size": "1m", "driver": "local"}
    assert (found.memory_mb, found.starts, found.user) == (2048, False, "1000:13000")
    assert (bare.restart, bare.stop_grace, bare.starts, bare.probe) == ("no", 10, True, None)
    assert (bare.memory_mb, bare.log_options) == (None, {})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1m30s", 90), ("1h", 3600), ("500ms", 0), ("2m0.5s", 120), ("", 0), ("0", 0)],
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: int) -> None:
    """Minutes are no milliseconds."""
    assert reading.seconds(text) == seconds


def test_a_container_of_tame_without_a_check_has_its_images() -> None:
    """Its constructor judged that already; what is made without a start has none to have."""
    ours = [{"label": "tame.sets", "value": "user"}]

    assert read(healthcheck=None, labels=ours).probe is not None
    assert read(healthcheck=None, labels=ours, start=False).probe is None
    assert read(healthcheck=None).probe is None


def test_absent_properties_are_empty_and_not_unknown() -> None:
    """Nothing asked for is a fact."""
    found = facts.container_of(unknown_checking_proxy({"image": "x:1.2.3"}), "resource")

    assert (found.name, found.mounts, found.ports, found.environment) == ("resource", (), (), {})
    assert found.unknown == frozenset()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"image": UNKNOWN}, "image"),
        ({"networkMode": UNKNOWN}, "network_mode"),
        ({"envs": UNKNOWN_LIST}, "environment"),
        ({"envs": ["A=1", UNKNOWN]}, "environment"),
        ({"volumes": [{"hostPath": UNKNOWN, "containerPath": "/data"}]}, "mounts"),
        ({"volumes": [{"fromContainer": "other"}]}, "mounts"),
        ({"networksAdvanced": [{"name": UNKNOWN}]}, "attachments"),
        ({"ports": [{"internal": 1, "ip": UNKNOWN}]}, "ports"),
        ({"publishAllPorts": True}, "ports"),
        ({"capabilities": {"adds": [UNKNOWN]}}, "capabilities"),
        ({"labels": [{"label": "a", "value": UNKNOWN}]}, "labels"),
        ({"healthcheck": {"tests": [UNKNOWN]}}, "probe"),
        ({"tmpfs": {"/x": UNKNOWN}}, "tmpfs"),
        ({"restart": UNKNOWN}, "restart"),
        ({"logOpts": {"max-size": UNKNOWN}}, "log_options"),
    ],
)
def test_one_unknown_value_marks_its_field_only(changes: dict[str, Any], field: str) -> None:
    """Everything else is still read: nothing raises."""
    found = read(**changes)

    assert found.unknown == {field}


def test_the_known_part_of_a_list_is_kept() -> None:
    """One unknown element does not hide its neighbours."""
    assert read(envs=["A=1", UNKNOWN, "C=3"]).environment == {"A": "1", "C": "3"}


def test_labels_stand_in_for_what_only_the_engine_will_know() -> None:
    """The namespace and the image; a known value always wins over the label."""
    through = [{"label": "tame.through", "value": "gluetun"}]
    image = [{"label": "tame.image", "value": "radarr:5.26.2"}]

    unknown_mode = read(networkMode=UNKNOWN, labels=through)
    lying = read(networkMode="bridge", labels=through)
    by_id = read(networkMode="container:0123abc", labels=through)

    assert (unknown_mode.shares, unknown_mode.unknown) == ("gluetun", frozenset())
    assert lying.shares == ""
    assert by_id.shares == "gluetun"
    assert read(image=UNKNOWN, labels=image).image == "radarr:5.26.2"
    assert read(image="sha256:" + "0" * 64, labels=image).image == "radarr:5.26.2"
    assert read(image="radarr:latest", labels=image).image == "radarr:latest"


def test_which_variables_are_secret_comes_from_the_label_or_the_engine() -> None:
    """Where the whole list is a secret, those that are called like one are taken for it."""
    said = [{"label": "tame.secret-variables", "value": "API_KEY"}]
    envs = ["API_KEY=a", "TOKEN=b", "TZ=c"]

    whole = facts.container_of(
        unknown_checking_proxy(props(envs=envs)), "x", secret_environment=True
    )

    assert read(envs=envs, labels=said).secret_variables == ("API_KEY",)
    assert read(envs=envs).secret_variables == ()
    assert whole.secret_variables == ("API_KEY", "TOKEN")


def test_networks_and_volumes_without_a_name_are_left_out() -> None:
    """An unknown name cannot be matched with a container's."""
    ipv6 = {"name": "n", "internal": True, "ipv6": True}
    assert facts.network_of(unknown_checking_proxy(ipv6)) == ("n", True, True)
    assert facts.network_of(unknown_checking_proxy({"name": "n", "internal": UNKNOWN})) is None
    assert facts.volume_of(unknown_checking_proxy({"name": UNKNOWN})) is None
    assert facts.volume_of(
        unknown_checking_proxy({"name": "v", "driver": "local", "driverOpts": {"o": "bind"}})
    ) == ("v", "local", {"o": "bind"})
