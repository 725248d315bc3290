"""What a person may write into `Pulumi.<stack>.yaml`."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.settings_check import check_settings
from tests.harness import stacks


ROOT = Path(__file__).parents[2]


def _refused(**changes: Any) -> SettingsInvalid:
    with pytest.raises(SettingsInvalid) as raised:
        stacks.settings(**changes)
    return raised.value


def test_every_mistake_is_named_at_once() -> None:
    """A person corrects a file once, not once per mistake."""
    error = _refused(
        environment="production",
        timezone="Berlin",
        data={"root": "relative"},
        services={"radarr": {"publish": 70000, "colour": "red"}},
        nonsense=True,
    )

    keys = {mistake.key for mistake in error.mistakes}
    assert keys == {
        "tame:environment",
        "tame:timezone",
        "tame:data.root",
        "tame:services.radarr.publish",
        "tame:services.radarr.colour",
        "tame:nonsense",
    }
    assert "Pulumi.test.yaml" in str(error)


def test_an_unknown_key_gets_a_guess() -> None:
    """A typing mistake is answered with the key that was meant."""
    error = _refused(services={"radarr": {"pubish": 7878}})

    assert "did you mean `publish`?" in str(error)


def test_a_wrong_value_that_looks_like_a_secret_is_not_shown() -> None:
    """A secret that went astray is not repeated on the screen."""
    error = _refused(vpn={**stacks.VPN, "private_key": "hunter2", "public_key": 5})

    assert "hunter2" not in str(error)
    assert "`5`" not in str(error)


def test_secrets_never_become_settings() -> None:
    """The root secret stands in the same file and stays out of the plain value."""
    settings = stacks.settings(root_secret="x" * 40, secrets={"gluetun": {"a": "b"}})

    assert "x" * 40 not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("engine", "/var/run/docker.sock"),
        ("engine", "http://1.2.3.4"),
        ("config_root", "/"),
        ("config_root", "/srv/../etc"),
        ("config_root", "/srv/a:b"),
        ("network", {"subnet": "8.8.8.0/24"}),
        ("network", {"subnet": "10.0.0.1/24"}),
        ("identity", {"umask": "022"}),
        ("identity", {"gid": 0}),
        ("exposure", {"operator_address": "0.0.0.0"}),  # noqa: S104 - it must be refused
        ("exposure", {"user_address": "everywhere"}),
        ("services", {}),
        ("services", {"Radarr": {}}),
        ("wait_timeout", 0),
        ("exemptions", [{"rule": "floating-image-tag", "service": "radarr"}]),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(key: str, value: object) -> None:
    """Each is named by its key, with what is allowed."""
    error = _refused(**{key: value})

    assert all(m.key.startswith(f"tame:{key}") and m.allowed for m in error.mistakes)


@pytest.mark.parametrize("stack", ["dev", "sandbox", "prod"])
def test_the_shipped_stacks_are_valid(stack: str) -> None:
    """What a newcomer starts from is right."""
    assert _shipped(stack).environment == stack


def test_the_shipped_stacks_have_the_same_keys() -> None:
    """Environments differ by values only, so that a diff of two files says it all."""
    keys = [_keys(stack) for stack in ("dev", "sandbox", "prod")]

    assert keys[0] == keys[1] == keys[2]


def _file(stack: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return config


def _keys(stack: str) -> list[str]:
    return sorted(_file(stack))


def _shipped(stack: str) -> Any:
    found = {k.removeprefix("tame:"): v for k, v in _file(stack).items() if k.startswith("tame:")}
    return check_settings(f"Pulumi.{stack}.yaml", stack, found)
