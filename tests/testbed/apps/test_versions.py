"""Where the catalog says that an application tells its version, the stand-in tells it."""

from functools import reduce

import pytest

from tame_components.catalog import catalog
from testbed.images.recipe import version_of
from tests.testbed.apps.harness import Bench
from tests.testbed.apps.test_every_app import SERVERS


KEY = "0123456789abcdef0123456789abcdef"
TELLERS = sorted(app for app in SERVERS if catalog()[app].version)
SEEDED = {"bazarr": "config/config.yaml"}
"""Those that read their key from a file only: what a seed would have written."""


@pytest.mark.parametrize("app", TELLERS)
def test_the_version_is_where_the_catalog_says(bench: Bench, app: str) -> None:
    """Asked with the named header and no other proof; the answer is the pin's own version."""
    entry = catalog()[app]
    assert entry.version is not None
    key = next((secret for secret in entry.secrets if secret.name == "api-key"), None)
    env = dict(entry.environment)
    if key and key.variable:
        env[key.variable] = KEY
    elif key:
        env["seededApiKey"] = KEY
    if app in SEEDED:
        _, state = bench.facts(app)
        path = state / SEEDED[app]
        path.parent.mkdir(parents=True)
        path.write_text(f"auth:\n  apikey: '{KEY}'\n")
    headers = {"Accept": "application/json"}
    if entry.version.header:
        headers[entry.version.header] = KEY

    running = bench.start(app, env=env)
    told = running.http.get(entry.version.path, headers=headers)
    parts = entry.version.pointer.strip("/").split("/")
    value = reduce(lambda found, part: found[part], parts, told.json())

    assert value.removeprefix("v") == version_of(entry.image.tag)
    if entry.version.header and entry.name != "tdarr":  # Tdarr's status needs no key
        assert running.http.get(entry.version.path).status_code in (401, 403)
