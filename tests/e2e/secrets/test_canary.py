"""A planted secret is found nowhere but where it has to be."""

import json
import os
from pathlib import Path

import pytest

from tame_components.domain.secrets import derive
from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal
from tests.harness.vacant import absent_tag


GIVEN = "canary-given-0123456789abcdef0123456789"


@pytest.fixture(scope="module")
def planted(make_shared: Make) -> tuple[Rehearsal, list[str], str]:
    """A stack with planted secrets, the secrets, and everything that Pulumi printed."""
    stack = make_shared("dozzle", "notifiarr", "radarr", "sabnzbd", "socket-proxy",
                        given={"secrets.notifiarr.api-key": GIVEN})  # fmt: skip
    printed = [
        outcome.text
        for outcome in (stack.preview("--diff"), stack.up("--logtostderr", "-v=8"), stack.up())
    ]
    root = (
        stack.run("config", "get", "--stack", stack.stack, "--path", "tame:root_secret")
        .stdout.strip()
        .splitlines()[-1]
    )
    derived = [
        derive(root, stack=stack.stack, service=service, name="api-key", kind="hex32")
        for service in ("radarr", "sabnzbd")
    ]
    return stack, [root, GIVEN, *derived], "\n".join(printed)


def test_the_secrets_are_really_in_use(
    planted: tuple[Rehearsal, list[str], str],
) -> None:
    """The search below is for what the services run with, not for something that never existed."""
    stack, secrets, _ = planted

    assert stack.python("radarr", "print(open('/run/secrets/api-key').read())", user="0") in secrets
    assert f"DN_API_KEY={GIVEN}" in stack.container("notifiarr").attrs["Config"]["Env"]


def test_no_secret_is_printed(planted: tuple[Rehearsal, list[str], str]) -> None:
    """Neither a plan, nor a diff, nor a talkative log shows one.

    From `-v=9` on Pulumi's own engine logs every message in clear; docs/architecture.md warns.
    """
    _, secrets, printed = planted

    assert len(printed) > 10_000
    assert [one for one in secrets if one in printed] == []


def test_no_secret_lies_in_a_file_of_the_project(
    planted: tuple[Rehearsal, list[str], str],
) -> None:
    """State, backups of the state, history and settings hold ciphertext only."""
    stack, secrets, _ = planted
    files = [path for path in stack.project.directory.parent.rglob("*") if _searched(path)]
    found = {
        str(path): one for path in files for one in secrets if one.encode() in path.read_bytes()
    }

    assert any(".pulumi" in str(path) for path in files)
    assert found == {}


def _searched(path: Path) -> bool:
    """Everything but the services' own directories, where their own files hold their keys."""
    return path.is_file() and not path.is_symlink() and "config" not in path.parts


def test_no_secret_is_a_label_or_a_name(planted: tuple[Rehearsal, list[str], str]) -> None:
    """What the Docker engine tells every reader holds one only where the image left no choice."""
    stack, secrets, _ = planted
    told = {c.name: json.dumps(c.attrs) for c in stack.containers()}
    shown = {name for name, text in told.items() if any(one in text for one in secrets)}

    # Notifiarr's image takes its key from the environment alone; the catalog says so.
    assert shown == {f"{stack.stack}-notifiarr"}


def test_a_secret_file_is_its_readers_alone(
    planted: tuple[Rehearsal, list[str], str],
) -> None:
    """Inside the container the file is root's, and nobody else may read it."""
    stack, _, _ = planted
    program = (
        "import os; s = os.stat('/run/secrets/api-key'); print(s.st_uid, oct(s.st_mode & 0o777))"
    )

    assert stack.python("radarr", program, user="0") == "0 0o400"


def test_an_error_shows_no_secret(planted: tuple[Rehearsal, list[str], str]) -> None:
    """A container that cannot be made is described without its secrets."""
    stack, secrets, _ = planted
    image = f"lscr.io/x/radarr:{absent_tag()}"
    services = {**stack.settings["services"], "radarr": {"image": image}}
    stack.change(services=services)
    outcome = stack.up()

    assert outcome.code != 0
    assert "TAME502" in outcome.text
    assert [one for one in secrets if one in outcome.text] == []
    assert os.environ.get("PULUMI_CONFIG_PASSPHRASE") != "rehearsal"
