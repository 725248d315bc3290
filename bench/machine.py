"""The machine and the versions that figures belong to."""

import datetime as dt
import json
import os
import platform
import subprocess
from pathlib import Path

import docker

from testbed.project import ROOT


def toolchain() -> list[str]:
    """Equip the checkout with a toolchain and say what it consists of, one line each.

    Raises:
        subprocess.CalledProcessError: there is none; it has said why on stderr.
    """
    command = [str(ROOT / "ci/toolchain/ensure"), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [f"{one['part']}: {one['used']} {one['version']}" for one in json.loads(done.stdout)]


def facts(client: docker.DockerClient, tools: list[str]) -> str:
    """A Markdown list; the load is what others took when the benchmark began."""
    engine = client.version()
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0]) // 1024
    system = _first("/etc/os-release", "PRETTY_NAME", "=").strip('"')
    lines = [
        f"{_git('show', '-s', '--format=%h', 'HEAD')} on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}",
        f"{os.cpu_count()} cores ({_first('/proc/cpuinfo', 'model name')}), {memory} MiB",
        f"{system}, kernel {platform.release()}, Python {platform.python_version()}",
        f"Docker Engine {engine['Version']}",
        *tools,
        f"load average when it began: {os.getloadavg()[0]:.2f}",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _first(file: str, key: str, sign: str = ":") -> str:
    for line in Path(file).read_text().splitlines():
        name, _, value = line.partition(sign)
        if name.strip() == key:
            return value.strip()
    return "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False
    )
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode
    commit = done.stdout.strip() or "no commit"
    return f"commit {commit}{' with changes' if changed else ''}"
