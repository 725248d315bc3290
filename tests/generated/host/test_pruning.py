"""Images go by the host's own scheduler, as real shells set it up on a host in a directory."""

from pathlib import Path

import pytest

from tame_components.generated import host
from tests.generated.host.conftest import NEEDS_ROOT, programs, run, topology


pytestmark = NEEDS_ROOT


def scheduler(tmp_path: Path, *made: str) -> Path:
    root = tmp_path / "host"
    for folder in made:
        (root / folder).mkdir(parents=True)
    return root


def scheduled(data: Path, root: Path, schedule: str) -> host.Scheduled:
    pruning = host.pruning(topology(data, prune_images=schedule), root=str(root))
    assert pruning is not None
    return pruning


PRUNES = "image prune --all --force --filter until=336h"


def test_images_go_by_cron(shell: list[str], data: Path, tmp_path: Path) -> None:
    """Where cron runs there is one entry, changed with its schedule, gone with the setting."""
    root = scheduler(tmp_path, "etc/cron.d")
    path = programs(tmp_path / "bin", docker="", cron="")
    entry = root / "etc" / "cron.d" / "tame-prune-test"
    pruning = scheduled(data, root, "0 0 * * *")
    for schedule in ("30 3 * * 0", "0 4 * * *"):
        pruning = scheduled(data, root, schedule)
        done = run(shell, pruning.start, path)
        assert done.returncode == 0, done.stderr
        assert entry.read_text().splitlines()[1] == (
            f"{schedule} root {tmp_path}/bin/docker --host unix:///var/run/docker.sock {PRUNES} "
            ">/dev/null"
        )
    assert run(shell, pruning.stop, path).returncode == 0
    assert run(shell, pruning.stop, path).returncode == 0
    assert list((root / "etc" / "cron.d").iterdir()) == []


def test_images_go_by_a_timer_where_systemd_runs(
    shell: list[str], data: Path, tmp_path: Path
) -> None:
    """The timer is told to systemd, and an entry of cron from before is removed."""
    root = scheduler(tmp_path, "etc/cron.d", "etc/systemd/system", "run/systemd/system")
    (root / "etc/cron.d/tame-prune-test").touch()
    calls = tmp_path / "calls"
    path = programs(tmp_path / "bin", docker="", cron="", systemctl=f'echo "$*" >>{calls}')
    pruning = scheduled(data, root, "0 4 1 * 0")
    done = run(shell, pruning.start, path)
    units = root / "etc/systemd/system"

    assert done.returncode == 0, done.stderr
    timer = (units / "tame-prune-test.timer").read_text()
    assert "OnCalendar=*-*-1 4:0:00\nOnCalendar=Sun *-*-* 4:0:00\nPersistent=true\n" in timer
    assert f"{PRUNES}\n" in (units / "tame-prune-test.service").read_text()
    assert calls.read_text().splitlines()[-1] == "restart tame-prune-test.timer"
    assert not (root / "etc/cron.d/tame-prune-test").exists()
    assert run(shell, pruning.stop, path).returncode == 0
    assert calls.read_text().splitlines()[-2].startswith("disable --now")
    assert list(units.iterdir()) == []


@pytest.mark.parametrize(
    ("made", "has", "why"),
    [
        (["etc/cron.d"], {"docker": ""}, "neither systemd nor cron"),
        (["etc/cron.d"], {"cron": ""}, "no `docker` command"),
        (["etc/cron.d", "etc/unraid-version"], {"docker": "", "cron": ""}, "firmware forgets"),
    ],
)
def test_a_host_without_a_scheduler_is_refused(
    shell: list[str], data: Path, tmp_path: Path, *, made: list[str], has: dict[str, str], why: str
) -> None:
    """Nothing is written, and the error has the command for the host's own scheduler."""
    root = scheduler(tmp_path, *made)
    pruning = scheduled(data, root, "0 4 * * *")
    done = run(shell, pruning.start, programs(tmp_path / "bin", **has))

    assert done.returncode == 1
    assert why in done.stderr
    assert "TAME884" in done.stderr
    assert PRUNES in done.stderr
    assert list((root / "etc/cron.d").iterdir()) == []


def test_nothing_is_scheduled_that_nobody_asked_for(data: Path) -> None:
    """Pruning needs a schedule, and rotation can be declined."""
    asked = topology(data, log_rotation=False)

    assert host.pruning(asked) is None
    assert host.log_rotation(asked) is None
