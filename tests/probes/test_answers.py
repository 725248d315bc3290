"""From what was seen to a verdict: pure, one table per probe."""

import datetime as dt
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.domain import file_systems
from tame_components.domain.backup import BackupSettings
from tame_components.probes import Verdict, backups, hardlink, health, restart, storage
from tame_components.probes.backups import BackupRecord
from tests.harness import stacks


NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
PROVED, FAILED, NOTHING, UNDECIDABLE = (
    Verdict.PROVED,
    Verdict.FAILED,
    Verdict.NOT_APPLICABLE,
    Verdict.UNDECIDABLE,
)


@pytest.mark.parametrize(
    ("code", "output", "verdict"),
    [
        (0, "2 41 41 41\n", PROVED),
        (0, "1 41 42 42\n", FAILED),  # a copy that calls itself a link
        (0, "2 41 41 57\n", FAILED),  # `mv` copied
        (70, "", UNDECIDABLE),
        (71, "Permission denied", FAILED),
        (72, "ln: Invalid cross-device link", FAILED),
        (73, "mv: cannot", FAILED),
        (127, "sh: ln: not found", UNDECIDABLE),
        (126, "permission denied", UNDECIDABLE),
        (0, "", UNDECIDABLE),
        (0, "a b c d", UNDECIDABLE),
        (None, "", UNDECIDABLE),
    ],
)
def test_only_one_inode_with_two_links_is_a_proof(
    code: int | None, output: str, verdict: Verdict
) -> None:
    """Every other answer is a failure, or no answer."""
    seen = hardlink.LinkObservation(
        service="radarr", source="/data/t", target="/data/m", code=code, output=output
    )

    assert hardlink.judge(seen).verdict is verdict


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"magic": "ef53"}, PROVED),
        ({"magic": "9123683e", "kind": "btrfs"}, PROVED),
        ({"magic": "6969"}, FAILED),
        ({"magic": "ff534d42"}, FAILED),
        ({"magic": "fe534d42"}, FAILED),
        ({"magic": "65735546"}, FAILED),  # FUSE: mergerfs, rclone, Unraid's shares
        ({"kind": "nfs4"}, FAILED),
        ({"kind": "fuse.mergerfs"}, FAILED),
        ({"kind": "fuseblk"}, FAILED),
        ({"magic": "ef53", "kind": "cifs"}, FAILED),  # a contradiction is no proof
        ({"kind": "ext4"}, PROVED),
        ({"why_not": "it has no `stat`"}, UNDECIDABLE),
    ],
)
def test_state_on_a_network_or_fuse_is_found(fields: dict[str, str], verdict: Verdict) -> None:
    """By statfs' number from inside, or by the kernel's name from the host."""
    seen = storage.StorageObservation(service="radarr", directory="/config", **fields)

    assert storage.judge(seen).verdict is verdict


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:50 / /mnt/nas rw - nfs4 nas:/export rw
41 22 0:51 / /srv/my\\040disk rw master:3 - xfs /dev/sdb1 rw
42 40 0:52 / /mnt/nas/local rw - btrfs /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/config/radarr", "ext4"),
        ("/mnt/nas/config", "nfs4"),
        ("/mnt/nas2/config", "ext4"),
        ("/mnt/nas/local/config", "btrfs"),
        ("/srv/my disk/config", "xfs"),
    ],
)
def test_the_deepest_mount_counts(path: str, kind: str) -> None:
    """As proc(5) writes mountinfo, spaces and all."""
    assert file_systems.kind_of(path, MOUNTS) == kind
    assert file_systems.kind_of(path, "") is None


CHECK = ("CMD", "curl", "-fsS", "http://127.0.0.1:7878/ping")


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"status": "healthy", "test": CHECK, "planned": CHECK}, PROVED),
        ({"status": "healthy", "test": ("CMD-SHELL", "x")}, PROVED),  # the image's own
        ({"status": "healthy", "test": ("CMD", "true"), "planned": CHECK}, FAILED),
        ({"status": "unhealthy", "test": CHECK, "planned": CHECK, "last": "refused"}, FAILED),
        ({"status": "", "planned": CHECK}, FAILED),
        ({"status": "healthy", "test": ("NONE",)}, FAILED),
        ({"status": "starting", "test": CHECK, "planned": CHECK}, UNDECIDABLE),
        ({"running": False}, UNDECIDABLE),
        ({"exists": False}, UNDECIDABLE),
        ({"on_demand": True}, NOTHING),
    ],
)
def test_health_is_proved_by_the_planned_check_alone(
    fields: dict[str, Any], verdict: Verdict
) -> None:
    """Another check that succeeds proves something else."""
    assert health.judge(health.HealthObservation(service="radarr", **fields)).verdict is verdict


USUAL, ALWAYS = ("radarr", "unless-stopped"), ("sonarr", "always")


@pytest.mark.parametrize(
    ("live", "reconcile", "policies", "verdict"),
    [
        (True, None, (USUAL,), PROVED),
        (False, True, (USUAL,), PROVED),
        (False, None, (ALWAYS,), PROVED),
        (False, False, (USUAL, ALWAYS), FAILED),
        (False, None, (USUAL,), UNDECIDABLE),
        (True, True, (("radarr", "no"),), FAILED),
        (True, True, (("radarr", "on-failure"),), FAILED),
        (True, True, (), UNDECIDABLE),
    ],
)
def test_a_crash_of_the_engine_is_survived_by_three_means(
    live: bool,  # noqa: FBT001 - a case
    reconcile: bool | None,  # noqa: FBT001 - a case
    policies: tuple[tuple[str, str], ...],
    verdict: Verdict,
) -> None:
    """Live-restore, `always`, or somebody who starts the stack again (measured fact 8)."""
    seen = restart.RestartObservation(
        live_restore=live, boot_reconcile=reconcile, policies=policies
    )

    assert restart.judge(seen).verdict is verdict


def record(what: Any, days: float, **fields: Any) -> BackupRecord:
    """Something that ended *days* ago."""
    finished = NOW - dt.timedelta(days=days)
    given = {"service": "radarr", "succeeded": True, **fields}
    return BackupRecord(what=what, finished=finished, **given)


FRESH, DRILLED = record("backup", 0.5), record("drill", 7, seconds=90)


@pytest.mark.parametrize(
    ("records", "verdict", "said"),
    [
        ((FRESH, DRILLED), PROVED, "7 days ago, in 90 s"),
        ((record("backup", 3), FRESH, DRILLED), PROVED, "restored"),
        ((), FAILED, "no backup ever succeeded"),
        ((record("backup", 3), DRILLED), FAILED, "72 hours old, 24 are promised"),
        ((record("backup", 0.1, succeeded=False), DRILLED), FAILED, "no backup ever succeeded"),
        ((FRESH,), FAILED, "no restore was ever rehearsed"),
        ((FRESH, record("drill", 31)), FAILED, "31 days ago, 30 are promised"),
        ((FRESH, record("drill", 1, seconds=3600)), FAILED, "took 60 minutes, 30 are promised"),
        ((FRESH, record("drill", 1, service="sonarr")), FAILED, "no restore was ever"),
    ],
)
def test_a_backup_is_proved_by_a_recent_drill_alone(
    records: tuple[BackupRecord, ...], verdict: Verdict, said: str
) -> None:
    """Of this service, that succeeded, within what the settings promise."""
    service = stacks.only("radarr").service("radarr")
    result = backups.judge(backups.observe(service, BackupSettings(), records, NOW))

    assert (result.verdict, said in result.evidence) == (verdict, True), result


def test_without_a_job_nothing_is_proved_and_without_state_nothing_is_asked() -> None:
    """An old drill of a job that is gone does not count."""
    topology = stacks.only("radarr", "flaresolverr")
    records = (FRESH, DRILLED)

    kept = backups.judge(backups.observe(topology.service("radarr"), None, records, NOW))
    none = backups.judge(backups.observe(topology.service("flaresolverr"), None, records, NOW))

    assert (kept.verdict, none.verdict) == (FAILED, NOTHING)


def test_every_importer_can_run_the_proof() -> None:
    """The one program that the link needs is known to be in each importer's image."""
    importers = [app for app in catalog().values() if app.importer]

    assert importers
    assert [app.name for app in importers if "sh" not in app.programs.names] == []
