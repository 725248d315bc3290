"""What `tame` asks on a terminal, what it makes of the answers, and that no secret is shown.

The space behind a question is waited for: what is typed before it is thrown away with hidden input.
"""

import os
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.terminal import Terminal
from tests.ops.wreck import LOCK, FakePulumi


_PULUMI = """#!{python}
# Stores a value as `pulumi config set --path` does, an encrypted one unreadably.
import sys, yaml
from pathlib import Path
words = sys.argv[1:]
file = Path("Pulumi.test.yaml")
content = yaml.safe_load(file.read_text())
first, *inner = words[words.index("--path") + 1].split(".")
place, key = content["config"], first
for one in inner:
    place, key = place.setdefault(key, {{}}), one
value = sys.stdin.read()
place[key] = {{"secure": f"encrypted-{{len(value)}}"}} if "--secret" in words else value
file.write_text(yaml.safe_dump(content))
"""

_ENGINE_ANSWERS = """
import tame_components.ops.missing as missing
class Answering:
    def close(self): pass
missing.connect = lambda _host: Answering()
missing._host = lambda _stack: ()
"""

WIREGUARD = "tame:secrets.gluetun.wireguard_private_key"


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH with a `pulumi` that stores values in the settings file."""
    folder = tmp_path_factory.mktemp("pulumi")
    (folder / "pulumi").write_text(_PULUMI.format(python=sys.executable))
    (folder / "pulumi").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def _secrets(project: Path) -> dict[str, object]:
    config = yaml.safe_load((project / "Pulumi.test.yaml").read_text())["config"]
    gluetun = config.get("tame:secrets", {}).get("gluetun", {})
    return {key: value for key, value in config.items() if key == "tame:root_secret"} | {
        f"tame:secrets.gluetun.{key}": value for key, value in gluetun.items()
    }


def test_two_answers_are_enough_for_a_stack(project: Path, path: str) -> None:
    """Enter makes the root secret, the key is typed unseen, what is optional is left for later."""
    with Terminal("config", cwd=project, before=_ENGINE_ANSWERS, PATH=path) as terminal:
        terminal.shows("tame:root_secret: make one now? [Y/n]")
        terminal.types("\n")
        terminal.shows(f"{WIREGUARD} (empty: later): ")
        terminal.types("wireguard-key-of-44-characters\n")
        terminal.shows("tame:secrets.plex.claim (empty: later): ")
        terminal.types("\n")
        code = terminal.ends()

    stored = _secrets(project)
    assert code == 0, terminal.screen
    assert stored["tame:root_secret"] == {"secure": "encrypted-43"}
    assert stored[WIREGUARD] == {"secure": "encrypted-30"}
    assert "wireguard-key-of-44-characters" not in terminal.screen


def test_a_key_of_several_lines_comes_from_its_file(project: Path, path: str) -> None:
    """A terminal takes one line: a person names the file, and Pulumi gets what is in it."""
    (project / "id").write_text("-----BEGIN\nkey\n-----END\n")
    file = project / "Pulumi.test.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"] |= {
        "tame:preparation": {"over": {"host": "nas"}},
        "tame:services": {"radarr": {}},
        "tame:root_secret": {"secure": "x"},
    }
    file.write_text(yaml.safe_dump(content))
    with Terminal("config", cwd=project, before=_ENGINE_ANSWERS, PATH=path) as terminal:
        terminal.shows("tame:secrets.host.ssh-key: the file that holds it (empty: later): ")
        terminal.types(f"{project}/id\n")
        code = terminal.ends()

    stored = yaml.safe_load(file.read_text())["config"]["tame:secrets"]["host"]["ssh-key"]
    assert code == 0, terminal.screen
    assert stored == {"secure": "encrypted-24"}
    assert "BEGIN" not in terminal.screen


def test_an_empty_answer_is_for_later(project: Path, path: str) -> None:
    """Nothing is stored, and the exit code says that something is missing."""
    with Terminal("config", cwd=project, before=_ENGINE_ANSWERS, PATH=path) as terminal:
        terminal.shows("make one now? [Y/n]")
        terminal.types("n\n")
        terminal.shows("tame:root_secret (empty: later): ")
        terminal.types("\n")
        terminal.shows(f"{WIREGUARD} (empty: later): ")
        terminal.types("\n")
        terminal.shows("tame:secrets.plex.claim (empty: later): ")
        terminal.types("\n")
        code = terminal.ends()

    assert code == 3, terminal.screen
    assert _secrets(project) == {}


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_in_the_middle_keeps_what_was_answered(project: Path, path: str, key: str) -> None:
    """130 without a stack trace; the next call asks for the rest only."""
    with Terminal("config", cwd=project, before=_ENGINE_ANSWERS, PATH=path) as terminal:
        terminal.shows("make one now? [Y/n]")
        terminal.types("\n")
        terminal.shows(f"{WIREGUARD} (empty: later): ")
        terminal.types(key)
        code = terminal.ends()

    assert code == 130, terminal.screen
    assert "Traceback" not in terminal.screen
    assert list(_secrets(project)) == ["tame:root_secret"]


_WRECK = """
import tame_components.cli.recover as verb
from tests.ops.wreck import Engine
verb.connect = lambda _host: Engine()
"""


@pytest.mark.parametrize(
    ("answer", "code", "cancelled"), [("y\n", 0, True), ("n\n", 3, False), ("\n", 3, False)]
)
def test_recover_asks_before_it_changes_anything(
    tmp_path: Path, answer: str, code: int, *, cancelled: bool
) -> None:
    """The plan is on the screen before the question, and no is the default."""
    fake = FakePulumi(tmp_path / "fake")
    fake.state(resources=[{"urn": "a::net", "id": "id-net"}])
    fake.lock({"pid": LOCK.pid, "hostname": ""})
    path = f"{fake.folder}{os.pathsep}{os.environ['PATH']}"
    root = str(Path(__file__).parents[2])
    with Terminal("recover", cwd=fake.project, before=_WRECK, PATH=path, PYTHONPATH=root) as term:
        term.shows("1. `pulumi cancel test`")
        term.shows("do these 2 steps now? [y/N]")
        term.types(answer)
        ended = term.ends()

    assert ended == code, term.screen
    assert ("cancel test" in fake.verbs) is cancelled
