"""The program itself: what it makes, exports, and refuses before anything is made."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from media import compose
from pulumi.runtime import set_all_config

from tame_components import TameError, load_settings
from tame_components.catalog import catalog
from tame_components.resources import _container
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


ROOT_SECRET = "canary-root-secret-0123456789-0123456789"  # noqa: S105 - a canary
DIGEST = "sha256:" + "0123456789abcdef" * 4
SECRETS = {"gluetun": {"wireguard_private_key": "canary-key"}}


def program(
    values: dict[str, Any],
    *,
    root: str | None = ROOT_SECRET,
    given: dict[str, dict[str, str]] | None = None,
    plain: tuple[str, ...] = (),
) -> Callable[[], None]:
    """The stack's program, with *values* as Pulumi would hand them over."""
    config = {f"tame:{key}": _text(value) for key, value in values.items()}
    hidden = {
        "tame:root_secret": root,
        "tame:secrets": json.dumps(SECRETS if given is None else given),
    }
    config |= {key: value for key, value in hidden.items() if value is not None}

    def run() -> None:
        set_all_config(config, [key for key in hidden if key not in plain])
        compose(load_settings())

    return run


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def preview(**changes: Any) -> Recorder:
    """A preview of a good stack with *changes*; no engine is asked."""
    return deploy(program(stacks.values(**changes)), preview=True)


def test_a_preview_asks_no_engine() -> None:
    """The engine of the example does not exist, and a preview does not notice (F20)."""
    assert len(preview().requests) > 2 * len(stacks.CORE)


def test_everything_is_on_the_one_named_engine() -> None:
    """No container can land on a default provider's engine (pitfall P27)."""
    recorder = preview()
    docker = [r for r in recorder.requests.values() if r.type.startswith("docker:")]

    assert docker
    assert all("pulumi:providers:docker::engine" in request.provider for request in docker)


def test_no_secret_is_plain_anywhere() -> None:
    """Neither the root secret, nor a given one, nor a derived one stands in plain (C10)."""
    assert preview().plain_occurrences_of("canary") == []


def test_environments_differ_by_data_only() -> None:
    """The same settings give the same resources in each environment, but for the label."""
    locked = {
        name: {"image": f"{catalog()[name].image.reference}@{DIGEST}"} for name in stacks.CORE
    }
    same = {"services": locked, "backup": {}}
    urns = {name: preview(environment=name, **same).urns() for name in ("dev", "sandbox", "prod")}

    assert urns["dev"] == urns["sandbox"] == urns["prod"]


@pytest.mark.parametrize(
    ("environment", "changes", "said"),
    [
        ("prod", {"backup": {}}, "tame pins lock"),
        ("sandbox", {}, "radarr: not-backed-up"),
    ],
)
def test_prod_asks_for_a_lock_and_what_is_precious_for_a_backup(
    environment: str, changes: dict[str, Any], said: str
) -> None:
    """The preview stops, names the rule and the command; in dev the same stack passes."""
    with pytest.raises(TameError, match="TAME401") as raised:
        preview(environment=environment, **changes)

    assert said in str(raised.value)
    assert preview(environment="dev", **changes).requests


EXEMPTION = {
    "rule": "exposed-operator-ui",
    "service": "radarr",
    "owner": "sam",
    "reason": "a borrowed tablet in the workshop",
    "expires": "9998-01-31",
}

WRONG: dict[str, dict[str, Any]] = {
    "unknown key": {"timezon": "Etc/UTC"},
    "unknown key of a service": {"services": {"radarr": {"pubish": 1}}},
    "no such environment": {"environment": "production"},
    "no such time zone": {"timezone": "Mars/Olympus"},
    "port 70000": {"services": {"radarr": {"publish": 70000}}},
    "relative data root": {"data": {"root": "data"}},
    "data root is the root": {"data": {"root": "/"}},
    "no data": {"data": None},
    "no services": {"services": {}},
    "unknown app": {"services": {"radar": {}}},
    "bad service name": {"services": {"My Radarr": {}}},
    "image without a tag": {"services": {"radarr": {"image": "lscr.io/linuxserver/radarr"}}},
    "latest tag": {"services": {"radarr": {"image": "lscr.io/linuxserver/radarr:latest"}}},
    "half a version": {"services": {"radarr": {"image": "lscr.io/linuxserver/radarr:6.2"}}},
    "no image at all": {"services": {"radarr": {"image": "::"}}},
    "stand-in outside a rehearsal": {
        "services": {"radarr": {"image": "tame.invalid/radarr:1.2.3"}}
    },
    "two services on one host port": {
        "services": {"plex": {"publish": 8096}, "jellyfin": {}},
    },
    "two users with one id": {"services": {"radarr": {"uid": 2000}, "sonarr": {"uid": 2000}}},
    "wire to an absent service": {"services": {"radarr": {"uses": ["deluge"]}}},
    "wire to one that offers nothing": {
        "services": {"radarr": {"uses": ["bazarr"]}, "bazarr": {}},
    },
    "torrent client off the VPN": {"services": {"qbittorrent": {}}},
    "gateway without a tunnel": {"vpn": None},
    "tunnel without an endpoint": {"vpn": {"provider": "custom", "addresses": ["10.0.0.2/32"]}},
    "kill switch off": {
        "services": {
            "gluetun": {
                "environment": {"FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT": "off"}
            },
            "qbittorrent": {},
        }
    },
    "config on a network mount": {
        "config_root": "/mnt/nas/config",
        "data": {"root": "/srv/data", "network_mounts": ["/mnt/nas"]},
    },
    "literal secret": {"services": {"radarr": {"environment": {"MY_API_KEY": "0123456789abcdef"}}}},
    "plex updates itself": {"services": {"plex": {"environment": {"VERSION": "latest"}}}},
    "radarr on the host's network": {"services": {"radarr": {"host_network": True}}},
    "operator UI for everyone": {"exposure": {"operator_address": "192.168.1.2"}},
    "all addresses": {"exposure": {"user_address": "*"}},
    "public subnet": {"network": {"subnet": "8.8.8.0/24"}},
    "engine without a scheme": {"engine": "/var/run/docker.sock"},
    "published, though internal": {"services": {"flaresolverr": {"publish": 8191}}},
    "exemption from no rule": {"exemptions": [{**EXEMPTION, "rule": "floating-tag"}]},
    "exemption for no service": {"exemptions": [{**EXEMPTION, "service": "whisparr"}]},
    "exemption from a rule without any": {
        "exemptions": [{**EXEMPTION, "rule": "literal-secret"}],
    },
    "exemption that ran out": {"exemptions": [{**EXEMPTION, "expires": "2020-01-31"}]},
    "exemption without an owner": {
        "exemptions": [{"rule": "host-network", "service": "plex", "reason": "because of it"}]
    },
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_input_is_a_clear_error_before_anything_is_made(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What, got and allowed, a hint and a code; no network and no image was asked for."""
    made: list[str] = []
    monkeypatch.setattr(_container, "network", lambda *_: made.append("network"))
    monkeypatch.setattr(_container, "image", lambda *_: made.append("image"))
    with pytest.raises(TameError) as raised:
        deploy(program(stacks.values(**WRONG[case])), preview=True)
    text = str(raised.value)
    assert "\n\nhint: " in text
    assert f"[{raised.value.code}]" in text
    assert "Traceback" not in text
    assert made == []


@pytest.mark.parametrize(
    ("changes", "code", "needle"),
    [
        ({"root": None}, "TAME202", "tame:root_secret"),
        ({"given": {}}, "TAME202", "tame:secrets.gluetun.wireguard_private_key"),
        ({"root": "short"}, "TAME201", "5 characters"),
        ({"plain": ("tame:root_secret",)}, "TAME201", "plain text"),
        ({"plain": ("tame:secrets",)}, "TAME201", "plain text"),
    ],
    ids=str,
)
def test_a_wrong_secret_is_named_and_never_shown(
    changes: dict[str, Any], code: str, needle: str
) -> None:
    """What is missing is one list; what is there is not repeated."""
    with pytest.raises(TameError) as raised:
        deploy(program(stacks.values(), **changes), preview=True)

    assert raised.value.code == code
    assert needle in str(raised.value)
    assert "canary" not in str(raised.value)


def test_a_given_key_wins_over_the_derived_one() -> None:
    """A running stack is adopted with the keys that its services have."""
    own = {**SECRETS, "radarr": {"api-key": "adopted0adopted0adopted0adopted0"}}
    recorder = deploy(program(stacks.values(), given=own), preview=True)
    uploads = recorder.inputs_of("radarr-container")["uploads"]

    assert "adopted0adopted0" in json.dumps(uploads)
    assert recorder.plain_occurrences_of("adopted0adopted0") == []


EXEMPT = {
    "rule": "floating-image-tag",
    "service": "radarr",
    "owner": "ada",
    "reason": "waits for the fix of a bug",
    "expires": "2999-12-31",
}


def test_what_an_exemption_allows_is_seen_without_the_pack(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line for each that is used, with rule, service, owner and last day; none is repeated."""
    services = {"radarr": {"image": "lscr.io/linuxserver/radarr:latest"}, "sonarr": {}}
    unused = {**EXEMPT, "service": "sonarr"}

    preview(services=services, exemptions=[EXEMPT, unused], vpn=None)

    told = [one.message for one in caplog.records if "exemption" in one.message]
    assert len(told) == 1
    assert all(text in told[0] for text in ("floating-image-tag", "radarr", "ada", "2999-12-31"))


def test_a_stack_that_keeps_the_doctrine_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The line means something because it is rare."""
    preview()

    assert [one.message for one in caplog.records if "exemption" in one.message] == []
