"""Who may call the control server."""

import base64
from pathlib import Path

import pytest

from testbed.vpn.gluetun import auth
from testbed.vpn.gluetun.reading import SettingError


_ABSENT = Path("/nowhere/config.toml")
_STATUS = "GET /v1/vpn/status"
_SETTINGS = "GET /v1/vpn/settings"


def _admitted(roles: tuple[auth.Role, ...], route: str, **headers: str) -> bool:
    return any(role.admits(headers, "") for role in roles if route in role.routes)


def test_a_default_role_closes_every_route() -> None:
    """With an API key as the default role nothing is answered without it, everything with it."""
    roles = auth.roles(_ABSENT, '{"auth":"apikey","apikey":"right"}')
    key = {"X-API-Key": "right"}

    assert [route for route in auth.ROUTES if _admitted(roles, route)] == []
    assert [
        route for route in auth.ROUTES if _admitted(roles, route, **{"X-API-Key": "wrong"})
    ] == []
    assert list(auth.ROUTES) == [route for route in auth.ROUTES if _admitted(roles, route, **key)]


def test_without_any_role_only_the_settings_are_closed() -> None:
    """Gluetun v3.41.3 is open by default, as its source says; a stack must set a role."""
    roles = auth.roles(_ABSENT, "{}")

    assert _admitted(roles, "PUT /v1/vpn/status")
    assert not _admitted(roles, _SETTINGS)


def test_a_role_of_the_file_opens_its_routes_only(tmp_path: Path) -> None:
    """`config.toml` gives a role its routes; what no role names is answered to nobody."""
    file = tmp_path / "config.toml"
    file.write_text(
        f'[[roles]]\nname="agent"\nauth="basic"\nusername="a"\npassword="b"\nroutes=["{_STATUS}"]\n'
    )
    roles = auth.roles(file, "{}")
    credentials = {"Authorization": f"Basic {base64.b64encode(b'a:b').decode()}"}

    assert _admitted(roles, _STATUS, **credentials)
    assert not _admitted(roles, _STATUS)
    assert not _admitted(roles, "GET /v1/publicip/ip", **credentials)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ('{"auth":"apikey"}', "api key is empty"),
        ('{"auth":"oauth"}', "authentication method not supported: oauth"),
        ('{"key":"x"}', 'unknown field "key"'),
        ("{", "is not valid JSON"),
        ('{"auth":"basic","username":"a"}', "password is empty"),
    ],
)
def test_a_default_role_that_gluetun_refuses_is_refused(role: str, words: str) -> None:
    """A role that protects nothing stops the container."""
    with pytest.raises(SettingError) as raised:
        auth.roles(_ABSENT, role)

    assert words in str(raised.value)
