"""The parts of linuxserver's init that need no container."""

from pathlib import Path

import pytest

from testbed.apps.init import command, read_files
from testbed.apps.settings_text import add_to_ini, add_to_yaml, read_ini, read_yaml


def test_a_file_variable_becomes_a_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`FILE__X` sets X to the content without line ends; the log names no content."""
    secret = tmp_path / "key"
    secret.write_text("s3cret\n")
    environment = {"FILE__RADARR__AUTH__APIKEY": str(secret), "FILE__OTHER": "/absent"}

    read_files(environment)

    assert environment["RADARR__AUTH__APIKEY"] == "s3cret"
    assert "OTHER" not in environment
    said = capsys.readouterr().out
    assert "cannot find secret in FILE__OTHER" in said
    assert "s3cret" not in said


def test_qbittorrent_is_the_real_program() -> None:
    """Its ports come from the image's own variables."""
    told = command("qbittorrent", {"WEBUI_PORT": "8090"})

    assert told == ["/usr/bin/qbittorrent-nox", "--webui-port=8090", "--torrenting-port=6881"]


def test_missing_settings_are_added_and_others_stay(tmp_path: Path) -> None:
    """Both file kinds keep every line that was there; a second run changes nothing."""
    for path, text, add, read in (
        (tmp_path / "a.ini", "[misc]\nport = 1\n[[x]]\nport = 2\n", add_to_ini, read_ini),
        (tmp_path / "a.yaml", "misc:\n  port: 1\n  more:\n  - x\n", add_to_yaml, read_yaml),
    ):
        path.write_text(text)
        add(path, {"misc": {"port": "9", "key": "k"}, "new": {"a": "b"}})
        once = path.read_text()
        add(path, {"misc": {"port": "9", "key": "k"}, "new": {"a": "b"}})

        assert path.read_text() == once
        assert set(text.splitlines()) <= set(once.splitlines())
        assert read(path)["misc"]["port"] == "1"
        assert read(path)["misc"]["key"] == "k"
        assert read(path)["new"]["a"] == "b"
