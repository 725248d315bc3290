"""The hosted service's part: two actions, and comments on a pull request.

An artifact is copied to a folder; a SARIF file is read and copied; comments are kept in a JSON file
by a server that speaks the three routes of https://docs.github.com/rest/issues/comments which
`ci/comment` uses. GitHub's own command line talks to it, over the proxy variable that the wrapper
sets for it alone.
"""

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml
from typing_extensions import override


HOST: Final = "github.localhost"
"""GitHub's command line speaks plain HTTP to this name, which is GitHub's own for development."""
PLAYED: Final = ("actions/upload-artifact", "github/codeql-action/upload-sarif")
"""The actions that have a part here; actions/checkout is act's own."""

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


def write_wrapper(directory: Path, gh: Path, address: str) -> None:
    """Write a `gh` into *directory* that talks to the server at *address* (`host:port`)."""
    directory.mkdir(parents=True, exist_ok=True)
    wrapper = directory / "gh"
    wrapper.write_text(
        f"#!/bin/sh\nexport GH_HOST={HOST} http_proxy=http://{address} no_proxy= NO_PROXY=\n"
        f'exec {shlex.quote(str(gh))} "$@"\n'
    )
    wrapper.chmod(0o755)


@contextmanager
def comments(file: Path) -> Iterator[str]:
    """The comments of pull requests, kept in *file*; yields the server's `host:port`."""

    class Handler(_Comments):
        store = file

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Comments(BaseHTTPRequestHandler):
    """List, make, change; 404 for everything else."""

    store: Path
    lock = threading.Lock()

    def do_GET(self) -> None:
        match self._path():
            case ["repos", _, _, "issues", number, "comments"]:
                self._answer(200, [one for one in self._all() if one["issue"] == number])
            case _:
                self._answer(404, {"message": "Not Found"})

    def do_POST(self) -> None:
        match self._path():
            case ["repos", _, _, "issues", number, "comments"]:
                with self.lock:
                    kept = self._all()
                    made = {"id": len(kept) + 1, "issue": number, "edits": 0, **self._body()}
                    self._keep([*kept, made])
                self._answer(201, made)
            case _:
                self._answer(404, {"message": "Not Found"})

    def do_PATCH(self) -> None:
        match self._path():
            case ["repos", _, _, "issues", "comments", number]:
                with self.lock:
                    kept = self._all()
                    changed = [one for one in kept if str(one["id"]) == number]
                    for one in changed:
                        one.update(self._body(), edits=one["edits"] + 1)
                    self._keep(kept)
                self._answer(200 if changed else 404, changed[0] if changed else {})
            case _:
                self._answer(404, {"message": "Not Found"})

    @override
    def log_message(self, *_: object) -> None:
        """The runner's own output tells what is done."""

    def _path(self) -> list[str]:
        return urlsplit(self.path).path.strip("/").split("/")

    def _body(self) -> dict[str, Any]:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        return {"body": str(sent["body"])}

    def _all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if self.store.exists():
            found = json.loads(self.store.read_text())
        return found

    def _keep(self, kept: list[dict[str, Any]]) -> None:
        self.store.write_text(json.dumps(kept, indent=2))

    def _answer(self, code: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
