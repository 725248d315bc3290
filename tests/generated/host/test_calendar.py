"""A schedule of cron means the same to systemd."""

import shutil
import subprocess

import pytest

from tame_components.generated.host.calendar import calendar


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("30 3 * * *", ["*-*-* 3:30:00"]),
        ("*/15 2-4 * * *", ["*-*-* 2..4:0/15:00"]),
        ("0 4 * * 1-5", ["Mon,Tue,Wed,Thu,Fri *-*-* 4:0:00"]),
        ("5 5 * */2 7", ["Sun *-1/2-* 5:5:00"]),
        ("0 0 * * 5-7", ["Fri,Sat,Sun *-*-* 0:0:00"]),
        ("0 4 1,15 * 0", ["*-*-1,15 4:0:00", "Sun *-*-* 4:0:00"]),
        ("0 4 */2 * 1", ["Mon *-*-1/2 4:0:00"]),
        ("0 0 10-20/5 * *", ["*-*-10..20/5 0:0:00"]),
    ],
)
def test_each_form(schedule: str, expected: list[str]) -> None:
    """The traps: 0 and 7 are Sunday, `*` starts at 1 for days, two kinds of days mean either."""
    assert list(calendar(schedule)) == expected
    if shutil.which("systemd-analyze"):
        for one in expected:
            subprocess.run(["systemd-analyze", "calendar", one], check=True, capture_output=True)
