"""The hosted service's part: two actions, pull requests, and comments on them.

An artifact is copied to a folder; a SARIF file is read and copied; pull requests and comments are
kept in JSON files by a server that speaks a few routes of GitHub's REST interface (`api`). GitHub's
own command line talks to it, over the proxy variable that the wrapper sets for it alone.
"""

import os
import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Final

import yaml

from testbed.act.api import Played


HOST: Final = "github.localhost"
"""GitHub's command line speaks plain HTTP to this name, which is GitHub's own for development."""
_WRAPPER: Final = f"#!/bin/sh\nexport GH_HOST={HOST}"
PLAYED: Final = ("actions/upload-artifact", "github/codeql-action/upload-sarif")
"""The actions that have a part here; actions/checkout is act's own."""

_POLL = 0.05
"""Seconds until a server notices that it is to end."""
_ARTIFACT = """\
set -eu
mkdir -p "$TAME_ACT_KEPT/$NAME"
for each in $WHAT; do
    if [ -e "$each" ]; then cp -R "$each" "$TAME_ACT_KEPT/$NAME/"; found=yes; fi
done
[ -n "${found:-}" ] || [ "$NONE" = ignore ] || { echo "no files: $WHAT" >&2; exit 1; }
echo "kept in $TAME_ACT_KEPT/$NAME"
"""
_SARIF = """\
set -eu
python3 - "$WHAT" <<'PYTHON'
import json, sys
runs = json.load(open(sys.argv[1]))["runs"]
print(sum(len(run["results"]) for run in runs), "results in", len(runs), "runs")
PYTHON
mkdir -p "$TAME_ACT_KEPT/sarif"
cp "$WHAT" "$TAME_ACT_KEPT/sarif/$CATEGORY.sarif"
"""


def write_actions(directory: Path) -> dict[str, Path]:
    """Write the played actions below *directory*; the repository of each, and where it lies."""
    played = {
        "actions/upload-artifact": ("", ("name", "path", "if-no-files-found"), _ARTIFACT),
        "github/codeql-action": ("upload-sarif", ("sarif_file", "category"), _SARIF),
    }
    names = {"path": "WHAT", "sarif_file": "WHAT", "if-no-files-found": "NONE"}
    places = {}
    for repository, (inner, inputs, script) in played.items():
        places[repository] = directory / repository.replace("/", "-")
        variables = {names.get(one, one.upper()): "${{ inputs." + one + " }}" for one in inputs}
        step = {"shell": "bash", "env": variables, "run": script}
        action = {
            "name": f"{repository}, played",
            "description": "The hosted service's part, on this machine.",
            "inputs": {one: {"description": one, "default": ""} for one in inputs},
            "runs": {"using": "composite", "steps": [step]},
        }
        file = places[repository] / inner / "action.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(action, sort_keys=False))
    return places


def find_gh(path: str) -> Path | None:
    """GitHub's command line on *path*; no wrapper: one in another asks the inner one's server."""
    for directory in path.split(os.pathsep):
        found = shutil.which("gh", path=directory)
        if found and not _wraps(Path(found)):
            return Path(found)
    return None


def _wraps(program: Path) -> bool:
    with program.open("rb") as file:
        return file.read(len(_WRAPPER)) == _WRAPPER.encode()


def write_wrapper(directory: Path, gh: Path, address: str) -> None:
    """Write a `gh` into *directory* that talks to the server at *address* (`host:port`)."""
    directory.mkdir(parents=True, exist_ok=True)
    wrapper = directory / "gh"
    wrapper.write_text(
        f"{_WRAPPER} http_proxy=http://{address} no_proxy= NO_PROXY=\n"
        f'exec {shlex.quote(str(gh))} "$@"\n'
    )
    wrapper.chmod(0o755)


@contextmanager
def comments(
    file: Path, *, repository: Path | None = None, permitted: bool = True
) -> Iterator[str]:
    """Comments of pull requests, kept in *file*, and pull requests, in `pulls.json` beside it.

    Yields the server's `host:port`.

    Args:
        file: JSON; made by the first comment.
        repository: the bare repository that branches are pushed to; a pull request of a branch
            that it lacks is refused. None: of every branch.
        permitted: whether "Allow GitHub Actions to create and approve pull requests" is on.
    """
    part = {"store": file, "repository": repository, "permitted": permitted}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Played,), part))
    threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
