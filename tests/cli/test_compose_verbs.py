"""`tame lint`, `tame import`, `tame render`: codes, streams and files."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Tame


STACK = """\
services:
  radarr:
    image: lscr.io/linuxserver/radarr:latest
    environment: { PUID: 1000, PGID: 1000, RADARR__AUTH__APIKEY: canary0123456789abcdef }
    volumes: ["./radarr:/config", "/srv/media:/data"]
    ports: ["7878:7878"]
"""


@pytest.fixture
def file(project: Path) -> Path:
    """A Compose file as they are found."""
    place = project / "docker-compose.yml"
    place.write_text(STACK)
    return place


def test_lint_ends_with_what_it_found(tame: Tame, project: Path, file: Path) -> None:
    """0, 1 and 2 are what a script can ask for."""
    (project / "clean.yml").write_text("services: {}\n")

    assert tame("lint", "clean.yml").code == 0
    assert tame("lint", file.name).code == 1
    assert tame("lint", file.name, "nowhere.yml").code == 2


def test_lint_tells_a_person(tame: Tame, file: Path) -> None:
    """Findings on standard output, with place, rule and remedy; a value of a secret never."""
    answer = tame("lint", file.name)

    assert f"{file.name}:3: error: radarr: floating-image-tag (R01)" in answer.out
    assert "canary" not in answer.out + answer.err
    assert "1 services" in answer.out.splitlines()[-1]
    assert len(tame("lint", "-q", file.name).out) < len(answer.out)


def test_an_unreadable_file_does_not_hide_the_others(tame: Tame, file: Path) -> None:
    """Each file gets its answer; data stay data."""
    answer = tame("lint", "--format", "json", "nowhere.yml", file.name)
    found = json.loads(answer.out)

    assert [one["file"].endswith(name) for one, name in zip(
        found["files"], ("nowhere.yml", file.name), strict=True)] == [True, True]  # fmt: skip
    assert "[TAME801]" in answer.err


@pytest.mark.parametrize("how", ["sarif", "github"])
def test_lint_speaks_to_machines(tame: Tame, file: Path, how: str) -> None:
    """SARIF is one JSON document; annotations are one command a line."""
    out = tame("lint", "--format", how, file.name).out

    if how == "sarif":
        assert json.loads(out)["version"] == "2.1.0"
    else:
        assert all(line.startswith("::") for line in out.splitlines())


def test_files_together_are_one_stack(tame: Tame, project: Path, file: Path) -> None:
    """The last file is on top."""
    (project / "pin.yml").write_text(
        "services: { radarr: { image: 'lscr.io/linuxserver/radarr:6.2.1' } }"
    )
    answer = tame("lint", "--together", file.name, "pin.yml")

    assert "floating-image-tag" not in answer.out


def test_import_writes_settings_and_tells_the_rest(tame: Tame, project: Path, file: Path) -> None:
    """The file has the settings; what is not carried, and every secret, is named only."""
    answer = tame("import", file.name, "--stack", "home")
    content = (project / "Pulumi.home.yaml").read_text()

    assert answer.code == 0
    assert yaml.safe_load(content)["config"]["tame:data"]["root"] == "/srv/media"
    assert "canary" not in content + answer.out + answer.err
    assert "tame:secrets.radarr.api-key" in answer.out
    assert "rules that the Compose file broke" in answer.out
    assert "flowchart" in tame("graph", "home").out


def test_import_for_machines(tame: Tame, file: Path) -> None:
    """The keys are stable, and nothing else is on standard output."""
    found = json.loads(tame("import", file.name, "--json").out)

    assert set(found) == {
        *("version", "stack", "file", "services", "lost", "todo", "secrets", "broken"),
        *("plan", "previews"),
    }
    assert found["previews"] is True
    assert found["services"] == {"radarr": "radarr"}


def test_import_replaces_nobodys_file(tame: Tame, project: Path, file: Path) -> None:
    """Twice is once; a file that differs stays, unless `--force` is said."""
    assert tame("import", file.name, "--stack", "home").code == 0
    assert tame("import", file.name, "--stack", "home").code == 0
    (project / "Pulumi.home.yaml").write_text("mine\n")

    answer = tame("import", file.name, "--stack", "home")

    assert (answer.code, "[TAME807]" in answer.err) == (1, True)
    assert (project / "Pulumi.home.yaml").read_text() == "mine\n"
    assert tame("import", file.name, "--stack", "home", "--force").code == 0


def test_an_import_of_what_was_adopted_is_no_conflict(
    tame: Tame, project: Path, file: Path
) -> None:
    """Pulumi's salt and secrets make no other file; `--force` replaces the rest and keeps them."""
    tame("import", file.name, "--stack", "home")
    place = project / "Pulumi.home.yaml"
    salted = {"encryptionsalt": "v1:s", **yaml.safe_load(place.read_text())}
    salted["config"]["tame:root_secret"] = {"secure": "v1:x"}
    place.write_text(yaml.safe_dump(salted))

    assert tame("import", file.name, "--stack", "home").code == 0
    assert yaml.safe_load(place.read_text()) == salted
    salted["config"]["tame:timezone"] = "Europe/Berlin"
    place.write_text(yaml.safe_dump(salted))
    assert tame("import", file.name, "--stack", "home").code == 1
    assert tame("import", file.name, "--stack", "home", "--force").code == 0
    found = yaml.safe_load(place.read_text())
    assert (found["encryptionsalt"], found["config"]["tame:root_secret"]) == (
        "v1:s",
        {"secure": "v1:x"},
    )


PULUMI = """\
#!/bin/sh
case "$*" in
  "config --show-secrets --json --stack test --non-interactive") cat "$0.json" ;;
  *) echo "error: not this: $*" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def pulumi(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `pulumi` that knows the stack's secrets; returns the file of what it says."""
    (project / "bin").mkdir()
    program = project / "bin" / "pulumi"
    program.write_text(PULUMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(project / "bin"), prepend=":")
    monkeypatch.setattr("os.chown", lambda *_: None)
    said = project / "bin" / "pulumi.json"
    given = {"gluetun": {"wireguard_private_key": "canary-key"}}
    said.write_text(
        json.dumps(
            {
                "tame:root_secret": {"value": "r" * 40, "secret": True},
                "tame:secrets": {"value": json.dumps(given), "secret": True},
            }
        )
    )
    return said


@pytest.mark.usefixtures("pulumi")
def test_render_writes_a_stack_that_lints_clean(tame: Tame, project: Path) -> None:
    """The way out keeps the doctrine, and nothing but `secrets/` has a secret."""
    answer = tame("render", "compose", "-o", "out")
    file = project / "out" / "docker-compose.yml"

    assert answer.code == 0, answer.err
    assert "canary" not in file.read_text() + answer.out + answer.err
    key = project / "out/secrets/gluetun/run_secrets_wireguard_private_key"
    assert key.read_text() == "canary-key"
    assert tame("lint", "out/docker-compose.yml").code == 0


def test_render_without_secrets_asks_nobody(tame: Tame, project: Path) -> None:
    """No `pulumi` is needed, and what has to be set is told."""
    answer = tame("render", "compose", "test", "--without-secrets")

    assert answer.code == 0
    assert "RADARR_API_KEY" in answer.out
    assert not (project / "compose-test" / "secrets").exists()


def test_render_says_when_it_may_not_read(tame: Tame, pulumi: Path) -> None:
    """TAME808 with Pulumi's own reason, and with the way round."""
    pulumi.unlink()
    answer = tame("render", "compose")

    assert answer.code == 1
    assert "[TAME808]" in answer.err
    assert "--without-secrets" in answer.err
