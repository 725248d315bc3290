"""The jails of the catalog's fail2ban, against lines as the watched programs write them."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from tame_components.catalog import app


FILES = {one.path.removeprefix("/config/fail2ban/"): one.content for one in app("fail2ban").files}
LINES = {
    "tame-plex": (
        (
            "Nov 21, 2026 14:00:00.123 [140213] DEBUG - Completed: [203.0.113.7:51000] 401 GET /"
            "library/sections (2 live) 1ms 500 bytes"
        ),
        (
            "Nov 21, 2026 14:00:00.123 [140213] DEBUG - Completed: [203.0.113.7:51000] 200 GET /"
            "library/sections?X=401 (2 live) 1ms 500 bytes"
        ),
    ),
    "tame-jellyfin": (
        (
            "[2026-11-21 14:00:00.123 +00:00] [ERR] [12] Jellyfin.Server.Implementations.Users."
            'UserManager: Authentication request for "ann" has been denied (IP: "203.0.113.7").'
        ),
        (
            "[2026-11-21 14:00:00.123 +00:00] [INF] [12] Jellyfin.Server.Implementations.Users."
            'UserManager: Authentication request for "ann" has succeeded.'
        ),
    ),
    "tame-proxy": (
        (
            '[21/Nov/2026:14:00:00 +0000] - 401 401 - GET https radarr.example.org "/" '
            '[Client 203.0.113.7] [Length 12] [Gzip -] [Sent-to radarr] "curl/8" "-"'
        ),
        (
            '[21/Nov/2026:14:00:00 +0000] - 200 200 - GET https radarr.example.org "/x 401 - G" '
            '[Client 203.0.113.7] [Length 12] [Gzip -] [Sent-to radarr] "curl/8" "-"'
        ),
    ),
}
"""Filter -> a line that is an offence, and a look-alike that is none."""


needed = pytest.mark.skipif(shutil.which("fail2ban-regex") is None, reason="no fail2ban here")


def test_each_jail_has_its_filter_and_watches_a_mounted_log() -> None:
    """A jail without its filter stops the whole server from starting."""
    jails = configparser.RawConfigParser()
    jails.read_string(FILES["jail.d/tame.local"])

    assert {jails[name]["filter"] for name in jails.sections()} == set(LINES)
    assert all(f"filter.d/{name}.conf" in FILES for name in LINES)
    assert all(jails[name]["logpath"].startswith("/remotelogs/") for name in jails.sections())
    assert "10.0.0.0/8" in jails["DEFAULT"]["ignoreip"], "the tunnel's own address is never banned"


@needed
@pytest.mark.parametrize("name", LINES)
def test_a_filter_finds_the_offence_and_not_its_look_alike(tmp_path: Path, name: str) -> None:
    """The real fail2ban-regex counts one line of two, and reads its date."""
    log, rule = tmp_path / "log", tmp_path / f"{name}.conf"
    log.write_text("\n".join(LINES[name]) + "\n")
    rule.write_text(FILES[f"filter.d/{name}.conf"])
    run = subprocess.run(
        ("fail2ban-regex", str(log), str(rule)), capture_output=True, text=True, check=False
    )

    assert "2 lines, 0 ignored, 1 matched, 1 missed" in run.stdout, run.stdout + run.stderr


@pytest.mark.skipif(
    shutil.which("fail2ban-client") is None, reason="fail2ban is not installed here"
)
@pytest.mark.parametrize("log", ["", "plex/Library/Application Support/Plex Media Server/Logs"])
def test_the_real_program_takes_the_settings(tmp_path: Path, log: str) -> None:
    """With a log and without any: a jail that finds none must not keep the others from starting."""
    root = tmp_path / "config"
    shutil.copytree("/etc/fail2ban", root, ignore=shutil.ignore_patterns("defaults-debian.conf"))
    for one in app("fail2ban").files:
        path = root / Path(one.path).relative_to("/config/fail2ban")
        path.parent.mkdir(exist_ok=True)
        content = one.content.replace("/config/fail2ban/", f"{root}/")
        path.write_text(content.replace("/remotelogs/", f"{tmp_path}/logs/"))
    if log:
        folder = tmp_path / "logs" / log
        folder.mkdir(parents=True)
        (folder / "Plex Media Server.log").write_text(f"{LINES['tame-plex'][0]}\n")
    told = subprocess.run(
        ("fail2ban-client", "-c", str(root), "-d"), capture_output=True, text=True, check=False
    )
    test = subprocess.run(
        ("fail2ban-client", "-c", str(root), "-t"), capture_output=True, text=True, check=False
    )

    assert test.returncode == 0, test.stdout + test.stderr
    assert "f2b-tame-jellyfin-docker" in told.stdout
    assert ("Plex Media Server.log" in told.stdout) is bool(log)
    assert "fail2ban.sqlite3" in told.stdout
