"""Keys are read out of files as their applications write them."""

import pytest

from tame_components.catalog import catalog
from tame_components.ops.adopt.own_keys import own_keys


KEY = "0123456789abcdef0123456789abcdef"
HASH = "@ByteArray(c2FsdHNhbHRzYWx0c2E=:a2V5+/==)"

FILES = {
    ("radarr", "config.xml"): f"<Config>\r\n  <Port>7878</Port>\r\n  <ApiKey>{KEY}</ApiKey>\r\n",
    ("overseerr", "settings.json"): f'{{"clientId": "a", "main": {{"apiKey": "{KEY}"}}}}',
    ("jackett", "Jackett/ServerConfig.json"): f'{{"Port": 9117, "APIKey": "{KEY}"}}',
    (
        "bazarr",
        "config/config.yaml",
    ): f"auth:\n  apikey: '{KEY}'\n  type: null\nsonarr:\n  apikey: x\n",
    ("bazarr", "config/config.ini"): f"[sonarr]\napikey = x\n[auth]\ntype = None\napikey = {KEY}\n",
    ("sabnzbd", "sabnzbd.ini"): f'__version__ = 19\n[misc]\napi_key = {KEY}\npassword = "{KEY}"\n'
    "[servers]\n[[one]]\npassword = other\n",
    ("tautulli", "config.ini"): f'[PMS]\npms_token = x\n[General]\napi_key = "{KEY}"\n',
    ("qbittorrent", "qBittorrent/qBittorrent.conf"): "[Preferences]\nWebUI\\Username=me\n"
    f'WebUI\\Password_PBKDF2="{HASH}"\n',
    ("authelia", "configuration.yml"): f"session:\n  secret: {KEY}\nstorage:\n"
    f"  encryption_key: {KEY}\n",
}


@pytest.mark.parametrize(("app", "file"), FILES)
def test_the_key_is_found_where_the_application_writes_it(app: str, file: str) -> None:
    """And no other value that stands near it."""
    found = {one.secret: one.read(FILES[app, file]) for one in own_keys(catalog()[app])
             if one.file == file}  # fmt: skip

    assert found
    assert set(found.values()) == {HASH if app == "qbittorrent" else KEY}


@pytest.mark.parametrize("text", ["", "garbage", "<a/>", "[misc]\n", "{}", "[1]", "a: [\n", "\0"])
def test_a_file_without_a_key_has_none(text: str) -> None:
    """Half-written, empty or foreign files are no reason to stop."""
    readers = [one for app in catalog().values() for one in own_keys(app)]

    assert len(readers) > 10
    assert [one for one in readers if one.read(text)] == []


def test_only_secrets_of_the_catalog_are_read() -> None:
    """What is taken over is something that the new container takes."""
    for app in catalog().values():
        takes = {one.name for one in app.secrets if one.derive != "borrowed"}
        assert {one.secret for one in own_keys(app)} <= takes, app.name
