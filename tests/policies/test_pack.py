"""The pack over its own protocol, as the engine drives it in previews and updates."""

import json

import pytest

from tame_components.rules import RULES
from tests.policies.resources import (
    IMAGE,
    NETWORK,
    UNKNOWN,
    UNKNOWN_LIST,
    VOLUME,
    Pack,
    props,
    secret,
)


ADVISORY, MANDATORY = 0, 1
BROKEN = "broken-exemption"
DIGEST = "sha256:" + "0123456789abcdef" * 4
DATA = json.dumps({"root": "/srv/data", "network_mounts": ["/mnt/nas"]})
KEY = "0123456789abcdef0123456789abcdef"


def test_a_container_of_the_doctrine_is_silent(pack: Pack) -> None:
    """No policy speaks where nothing is wrong and everything is known."""
    run = pack.begin(data=DATA)

    assert run.resource("media", {"name": "media"}, NETWORK) == set()
    assert run.resource("radarr", props()) == set()
    assert run.watched().end() == {}


@pytest.mark.parametrize(
    ("name", "changes", "policy"),
    [
        ("radarr", {"image": "radarr:latest"}, "floating-image-tag"),
        ("radarr", {"ports": [{"internal": 7878, "external": 7878}]}, "unbound-port"),
        ("radarr", {"privileged": True}, "privileged-container"),
        ("radarr", {"networksAdvanced": None}, "default-bridge"),
        ("qbittorrent", {}, "torrent-off-vpn"),
        ("radarr", {"envs": [f"API_KEY={KEY}"]}, "literal-secret"),
    ],
)
def test_an_offence_is_reported_under_the_rules_name(
    pack: Pack, name: str, changes: dict[str, object], policy: str
) -> None:
    """The name is what a person puts into an exemption."""
    assert policy in pack.begin(data=DATA).resource(name, props(name, **changes))


def test_levels_follow_the_environment_and_prod_is_the_default(pack: Pack) -> None:
    """The engine asks for the levels after it told the stack's configuration."""
    found = {}
    for environment in ("dev", "sandbox", "prod", "unheard-of"):
        pack.begin(environment=environment)
        found[environment] = pack.levels()
    pack.begin()
    found["none"] = pack.levels()

    for environment in ("dev", "sandbox"):
        assert found[environment]["unfiltered-docker-socket"] == ADVISORY
    for environment in ("prod", "unheard-of", "none"):
        assert found[environment]["unfiltered-docker-socket"] == MANDATORY
    assert {name for name in found["prod"] if name in RULES} == set(RULES)


def test_unknown_values_are_counted_in_a_preview(pack: Pack) -> None:
    """One line says how many checks wait, and for what; none of them fails."""
    run = pack.begin(data=DATA)

    assert run.resource("radarr", props(networksAdvanced=UNKNOWN_LIST)) == set()
    message = run.end()["unjudged-checks"]
    waiting = [rule for rule in RULES.values() if "attachments" in rule.reads]
    assert f"{len(waiting)} checks could not be judged yet" in message
    assert "`attachments` of `radarr`" in message


def test_unknown_values_fail_closed_in_an_update(pack: Pack) -> None:
    """What could not be judged before the container is touched does not pass."""
    run = pack.begin(preview=False, data=DATA)

    found = run.resource("radarr", props(image=UNKNOWN))

    assert "floating-image-tag" in found
    assert {one.name for one in RULES.values() if one.check and "image" in one.reads} <= found


def test_an_image_that_comes_from_a_resource_is_judged_there(pack: Pack) -> None:
    """The container's reference is unknown, the image resource's is not."""
    run = pack.begin(data=DATA)

    both = {"floating-image-tag", "image-without-digest"}
    assert run.resource("pulled", {"name": "radarr:latest"}, IMAGE) == both
    pinned = {"name": f"lscr.io/linuxserver/radarr:5.26.2@{DIGEST}"}
    assert run.resource("pinned", pinned, IMAGE) == set()
    run.resource("radarr", props(image=UNKNOWN, volumes=[]), came_from={"image": "pinned"})
    said = run.end()
    assert "unjudged-checks" not in said
    assert "split-data-tree-across-stack" in said


def test_a_namespace_that_comes_from_a_resource_is_followed(pack: Pack) -> None:
    """`container:<id>` is unknown in a preview; whose id it will be is not."""
    gluetun, nginx = props("gluetun"), props("nginx")
    client = props("qbittorrent", networkMode=UNKNOWN, networksAdvanced=None)

    behind = pack.begin(data=DATA)
    behind.resource("gluetun", gluetun)
    behind.resource("client", client, came_from={"networkMode": "gluetun"})
    assert behind.watched().end() == {}

    astray = pack.begin(data=DATA)
    astray.resource("nginx", nginx)
    astray.resource("client", client, came_from={"networkMode": "nginx"})
    assert "torrent-off-vpn-across-stack" in astray.end()


def test_the_whole_stack_is_judged_at_the_end(pack: Pack) -> None:
    """Two data roots, a gateway's open port, a proxy's network with a way out."""
    run = pack.begin(environment="prod")
    assert "loose-socket-proxy" not in run.resource("proxy", props("socket-proxy"))
    run.resource("radarr", props())
    state = {"hostPath": "/srv/config/sonarr", "containerPath": "/config"}
    other = [{"hostPath": "/mnt/other", "containerPath": "/data"}, state]
    run.resource("sonarr", props("sonarr", volumes=other))
    opened = [{"internal": 8080, "external": 8080, "ip": "192.168.1.10"}]
    run.resource("gluetun", props("gluetun", ports=opened))
    run.resource("media", {"name": "media"}, NETWORK)

    assert set(run.watched().end()) == {
        "exposed-operator-ui-across-stack",
        "loose-socket-proxy-across-stack",
        "split-data-tree-across-stack",
    }


def test_the_settings_backup_is_not_another_machines(pack: Pack) -> None:
    """As the constructors say it: a service elsewhere is copied by nobody."""
    elsewhere = json.dumps({"sonarr": {"host": "gpu-box"}})
    run = pack.begin(environment="prod", backup="{}", services=elsewhere)
    for name in ("radarr", "sonarr"):
        run.resource(name, props(name, labels=[{"label": "tame.service", "value": name}]))
    said = run.watched().end()["not-backed-up"]

    assert "`sonarr`" in said
    assert "`radarr`" not in said


def test_what_a_container_was_told_is_not_said_again(pack: Pack) -> None:
    """An offence that shows by itself is reported once."""
    run = pack.begin(data=DATA)

    assert "torrent-off-vpn" in run.resource("qbittorrent", props("qbittorrent"))
    assert "torrent-off-vpn-across-stack" not in run.end()


def test_a_volumes_driver_is_found_in_its_resource(pack: Pack) -> None:
    """The container says only the volume's name."""
    volumes = [{"volumeName": "config", "containerPath": "/config"}]
    for driver, offends in (("nfs", True), ("local", False)):
        run = pack.begin(data=DATA)
        run.resource("config", {"name": "config", "driver": driver}, VOLUME)
        found = run.resource("sabnzbd", props("sabnzbd", volumes=volumes))
        assert ("config-on-network-share" in found) is offends


def test_an_exemption_of_the_stack_is_honoured_and_told(pack: Pack) -> None:
    """It comes from the stack's own settings; what it allows is listed."""
    exemption = {
        "rule": "floating-image-tag",
        "service": "radarr",
        "owner": "ada",
        "reason": "waits for the fix of a bug",
        "expires": "9998-01-01",
    }
    offender = props(image=f"lscr.io/linuxserver/radarr:latest@{DIGEST}")

    run = pack.begin(data=DATA, exemptions=json.dumps([exemption]))
    assert run.resource("radarr", offender) == set()
    told = run.end()["exemptions-in-force"]
    assert "`floating-image-tag` of `radarr`, asked for by `ada` until 9998-01-01: waits" in told

    expired = pack.begin(data=DATA, exemptions=json.dumps([exemption | {"expires": "2020-01-01"}]))
    assert expired.resource("radarr", offender) == {"floating-image-tag"}
    assert "`ada` from `floating-image-tag` expired on 2020-01-01" in expired.end()[BROKEN]

    malformed = pack.begin(data=DATA, exemptions=json.dumps([exemption | {"owner": ""}]))
    assert malformed.resource("radarr", offender) == {"floating-image-tag"}
    assert "entry 1, `owner`" in malformed.end()[BROKEN]


def test_what_is_allowed_to_a_service_is_allowed_to_its_image(pack: Pack) -> None:
    """TAME pulls an image as a resource of its own; one offence is one line."""
    exemption = {
        "rule": "floating-image-tag",
        "service": "radarr",
        "owner": "ada",
        "reason": "waits for the fix of a bug",
        "expires": "9998-01-01",
    }
    image = f"lscr.io/linuxserver/radarr:latest@{DIGEST}"
    labels = [{"label": "tame.service", "value": "radarr"}]

    strict = pack.begin(data=DATA)
    assert strict.resource("radarr-image", {"name": image}, IMAGE) == {"floating-image-tag"}
    assert strict.resource("radarr", props(image=image, labels=labels)) == set()
    allowed = pack.begin(data=DATA, exemptions=json.dumps([exemption]))
    assert allowed.resource("radarr-image", {"name": image}, IMAGE) == set()
    assert allowed.resource("radarr", props(image=image, labels=labels)) == set()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": "floating-image"}, "did you mean `floating-image-tag`?"),
        ({"service": "sonarr"}, "a service of the stack: `radarr`"),
        ({"rule": "literal-secret"}, "this one has none"),
    ],
)
def test_an_exemption_that_can_allow_nothing_is_told(
    pack: Pack, change: dict[str, str], said: str
) -> None:
    """A program without TAME's own settings has only the pack to say so."""
    exemption = {
        "rule": "floating-image-tag",
        "service": "radarr",
        "owner": "ada",
        "reason": "waits for the fix of a bug",
        "expires": "9998-01-01",
    }
    run = pack.begin(data=DATA, exemptions=json.dumps([exemption | change]))
    found = run.resource("radarr", props(envs=[f"API_KEY={KEY}"]))

    assert found == {"literal-secret"}
    assert said in run.end()[BROKEN]


def test_no_message_repeats_a_secret(pack: Pack) -> None:
    """Values arrive in clear; none that looks like a secret leaves the pack."""
    run = pack.begin(data=DATA)
    offender = props(envs=[f"API_KEY={KEY}", f"URL=http://u:{KEY}@h/"], image="radarr:latest")

    found = run.resource("radarr", offender | {"uploads": [{"content": KEY, "file": "/x"}]})

    assert {"literal-secret", "floating-image-tag"} <= found
    assert KEY not in " ".join(run.messages) + " ".join(run.end().values())


def test_a_secret_list_of_variables_is_advice(pack: Pack) -> None:
    """Pulumi keeps it encrypted; that the socket shows it is worth a word."""
    run = pack.begin(data=DATA)

    found = run.resource("radarr", props(envs=secret([f"API_KEY={KEY}", "TZ=Etc/UTC"])))

    assert found == {"secret-in-environment"}


def test_resources_of_other_kinds_are_left_alone(pack: Pack) -> None:
    """The pack has no opinion on them, and spends no time."""
    assert pack.begin().resource("x", {"image": "x:latest"}, "kubernetes:core/v1:Pod") == set()
