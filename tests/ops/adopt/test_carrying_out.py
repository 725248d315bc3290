"""A plan is carried out in any number of runs, and each does only what it was allowed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.compose.adopting import said_secrets
from tame_components.compose.settings_file import settings_file
from tame_components.ops.adopt import carrying_out
from tame_components.ops.adopt.carrying_out import Adoption, Outcome
from tame_components.ops.adopt.copying import Copied
from tame_components.ops.adopt.errors import AdoptionStopped, NotYetReplaced
from tame_components.ops.adopt.model import Move, Old
from tame_components.ops.adopt.planning import plan
from tame_components.ops.errors import PulumiFailed
from tests.ops.adopt.old import KEY, Engine, given, imported, running


PULUMI = """\
#!/bin/sh
# Keeps what it is given on its standard input, as `config set` does, and every argument.
echo "$*" >> {folder}/calls
case "$*" in
  "stack init"*)
    [ ! -e {folder}/made ] || {{ echo "error: stack 'home' already exists" >&2; exit 1; }}
    : > {folder}/made ;;
  "config set"*)
    [ ! -e {folder}/locked ] || {{ echo "error: wrong: $(cat)" >&2; exit 1; }}
    for path in "$@"; do case $path in tame:*) cat > {folder}/$path ;; esac; done ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the `pulumi` on PATH keeps what it was told."""
    folder = tmp_path / "pulumi"
    folder.mkdir()
    program = folder / "pulumi"
    program.write_text(PULUMI.format(folder=folder))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    return folder


@pytest.fixture
def engine(tmp_path: Path, folder: Path) -> Engine:
    """The stack runs."""
    del folder
    return running(tmp_path)


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The services whose state was copied; the copying itself has tests of its own."""
    found: list[str] = []

    def carry(move: Move, _: object) -> Copied:
        found.append(move.service)
        return Copied(files=3, databases=1, rows=40)

    monkeypatch.setattr(carrying_out, "carry", carry)
    return found


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, engine: Engine, copies: list[str]) -> Run:
    """One run, from looking to the end."""
    del copies

    def once(old: Old = "keep", tell: Callable[[str], None] = lambda _: None) -> Outcome:
        found, _ = imported(tmp_path)
        made: Any = engine
        wanted = plan(given(tmp_path, made), made)
        return Adoption(
            plan=wanted,
            text=settings_file(found),
            said=said_secrets(found),
            engine=made,
            tell=tell,
        ).run(old)

    return once


def test_the_first_yes_stops_nothing(
    run: Run, engine: Engine, copies: list[str], tmp_path: Path
) -> None:
    """Settings, keys and the marker; what needs the old containers gone is named as left."""
    outcome = run()

    assert yaml.safe_load((tmp_path / "Pulumi.home.yaml").read_text())["config"]["tame:services"]
    assert (tmp_path / "media/.tame-data-root").exists()
    assert engine.changes == []
    assert copies == []
    assert any("`media-radarr-1` writes to it" in one for one in outcome.left)
    assert any("`--old stop`" in one for one in outcome.left)


def test_keys_reach_pulumi_by_its_standard_input_alone(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """Own keys of files, those of the Compose file, and a new root secret; never an argument."""
    outcome = run()
    calls = (folder / "calls").read_text()
    told = "\n".join((*outcome.done, *outcome.left, (tmp_path / "Pulumi.home.yaml").read_text()))

    assert (folder / "tame:secrets.radarr.api-key").read_text() == KEY
    assert (folder / "tame:secrets.sonarr.api-key").read_text() == KEY
    assert (folder / "tame:secrets.prowlarr.api-key").read_text() == "canary-of-prowlarr"
    assert len((folder / "tame:root_secret").read_text()) >= 32
    assert not (folder / "tame:secrets.overseerr.api-key").exists()
    assert "overseerr: no `api-key` in `settings.json`: a new one is derived" in told
    assert all(text not in calls + told for text in (KEY, "canary"))


def test_a_refused_secret_is_not_in_the_message(run: Run, folder: Path) -> None:
    """Pulumi's complaint may repeat what it got."""
    (folder / "locked").touch()

    with pytest.raises(PulumiFailed) as raised:
        run()
    assert "***" in str(raised.value)
    assert len(str(raised.value)) < 400


def test_stopping_waits_and_lets_the_state_be_copied(
    run: Run, engine: Engine, copies: list[str]
) -> None:
    """Each with its grace; the blog, which stays, is not among them."""
    outcome = run("stop")

    assert {change[0] for change in engine.changes} == {"stop"}
    assert "blog-id" not in {change[1] for change in engine.changes}
    assert all(int(change[2]) >= 30 for change in engine.changes)
    assert sorted(copies) == ["prowlarr", "radarr"]
    assert outcome.left == ()


def test_old_containers_go_only_when_new_ones_work(run: Run, engine: Engine) -> None:
    """TAME815 names who is missing; unhealthy is not working; no volume is ever removed."""
    label = {"tame.stack": "home", "com.docker.compose.project": "-"}
    with pytest.raises(NotYetReplaced, match="radarr: no container"):
        run("remove")
    for name in ("radarr", "sonarr", "overseerr", "prowlarr"):
        status = "Up 1 minute (unhealthy)" if name == "sonarr" else "Up 1 minute (healthy)"
        engine.add(f"new-{name}", labels={**label, "tame.service": name}, status=status)
    with pytest.raises(NotYetReplaced, match="sonarr: Up 1 minute"):
        run("remove")
    engine.add("new-sonarr", labels={**label, "tame.service": "sonarr"}, status="Up (healthy)")

    outcome = run("remove")

    removed = [change for change in engine.changes if change[0] == "remove"]
    assert {change[1] for change in removed} == {
        *("radarr-id", "sonarr-id", "overseerr-id", "prowlarr-id", "watchtower-id")
    }
    assert all(len(change) == 2 for change in removed)
    assert "their volumes stay" in outcome.done[-1]


def test_a_second_run_changes_nothing_more(run: Run, folder: Path, tmp_path: Path) -> None:
    """The stack is there, the file says the same: neither is made again."""
    run()
    before = (tmp_path / "Pulumi.home.yaml").read_text()
    root = (folder / "tame:root_secret").read_text()
    config = yaml.safe_load(before)
    config["config"] |= {
        "tame:root_secret": {"secure": "v1:x"},
        "tame:secrets": {"radarr": {"api-key": {"secure": "v1:y"}}},
    }
    (tmp_path / "Pulumi.home.yaml").write_text(yaml.safe_dump(config))
    (folder / "calls").unlink()

    outcome = run()

    calls = (folder / "calls").read_text()
    assert "secrets.radarr" not in calls
    assert "root_secret" not in calls
    assert (folder / "tame:root_secret").read_text() == root
    assert not any(one.startswith(("wrote", "made")) for one in outcome.done)


def test_without_pulumi_it_stops_with_a_reason(run: Run, folder: Path, tmp_path: Path) -> None:
    """TAME814: what Pulumi says, and that a second run goes on."""
    shutil.copy(folder / "pulumi", folder / "old")
    (folder / "pulumi").write_text("#!/bin/sh\necho 'error: no passphrase' >&2\nexit 1\n")

    with pytest.raises(AdoptionStopped, match="no passphrase"):
        run()
    shutil.copy(folder / "old", folder / "pulumi")
    assert run().done
    assert (tmp_path / "Pulumi.home.yaml").exists()


def test_a_refusal_of_the_engine_is_a_reason(run: Run, engine: Engine) -> None:
    """TAME814 with the engine's words; when it is put right, the same command goes on."""
    engine.refuses = "permission denied"

    with pytest.raises(AdoptionStopped, match=r"stop `media-.*permission denied"):
        run("stop")
    engine.refuses = ""
    assert run("stop").left == ()


@pytest.mark.parametrize("at", [0, 1, 3, 5, 6, 8, 9, 10, 11])
def test_ctrl_c_at_any_step_leaves_something_to_go_on_from(
    run: Run, engine: Engine, folder: Path, at: int
) -> None:
    """The run after it does what was left, and stops nothing twice."""
    told = 0

    def interrupt(_: str) -> None:
        nonlocal told
        told += 1
        if told > at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("stop", interrupt)
    outcome = run("stop")

    assert outcome.left == ()
    assert (folder / "tame:secrets.radarr.api-key").read_text() == KEY
    stopped = [change[1] for change in engine.changes]
    assert sorted(stopped) == sorted({*stopped})
    assert len(stopped) == 5
