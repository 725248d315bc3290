"""What of GitHub's REST interface is played: comments on pull requests, and pull requests.

The routes of https://docs.github.com/rest/issues/comments and https://docs.github.com/rest/pulls/pulls
that `ci/comment`, `ci/propose` and `ci/pins` use. Lists come whole, on one page.
"""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override


_Answer = tuple[int, Any]
_NOT_FOUND: _Answer = (404, {"message": "Not Found"})
_NOT_PERMITTED: _Answer = (
    403,
    {"message": "GitHub Actions is not permitted to create or approve pull requests."},
)


class Played(BaseHTTPRequestHandler):
    """List, make, change; 404 for everything else."""

    store: ClassVar[Path]
    """Comments; pull requests are kept beside it, in `pulls.json`."""
    repository: ClassVar[Path | None] = None
    """Where branches are pushed to. None: every branch is taken to be there."""
    permitted: ClassVar[bool] = True
    """Whether the repository lets a job's own token make pull requests."""
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        """Comments of one pull request, or pull requests."""
        match self._path():
            case ["repos", _, _, "issues", number, "comments"]:
                every = _read(self.store)
                self._answer(200, [one for one in every if one["issue"] == number])
            case ["repos", _, _, "pulls"]:
                asked = {
                    key: value[-1] for key, value in parse_qs(urlsplit(self.path).query).items()
                }
                self._answer(200, [one for one in _read(self._pulls) if _asked_for(one, asked)])
            case _:
                self._answer(*_NOT_FOUND)

    def do_POST(self) -> None:
        """A new comment, or a new pull request."""
        match self._path():
            case ["repos", _, _, "issues", number, "comments"]:
                with self.lock:
                    kept = _read(self.store)
                    sent = {"body": str(self._body()["body"])}
                    made = {"id": len(kept) + 1, "issue": number, "edits": 0, **sent}
                    _write(self.store, [*kept, made])
                self._answer(201, made)
            case ["repos", owner, name, "pulls"]:
                with self.lock:
                    answer = self._propose(owner, name, self._body())
                self._answer(*answer)
            case _:
                self._answer(*_NOT_FOUND)

    def do_PATCH(self) -> None:
        """Another text for a comment."""
        match self._path():
            case ["repos", _, _, "issues", "comments", number]:
                with self.lock:
                    kept = _read(self.store)
                    changed = [one for one in kept if str(one["id"]) == number]
                    text = str(self._body()["body"])
                    for one in changed:
                        one.update(body=text, edits=one["edits"] + 1)
                    _write(self.store, kept)
                self._answer(200 if changed else 404, changed[0] if changed else {})
            case _:
                self._answer(*_NOT_FOUND)

    def _propose(self, owner: str, name: str, sent: dict[str, Any]) -> _Answer:
        if not self.permitted:
            return _NOT_PERMITTED
        head, base, label = sent["head"], sent["base"], f"{owner}:{sent['head']}"
        for field in ("head", "base"):
            if not self._has(sent[field]):
                return _invalid(field=field, code="invalid")
        kept = _read(self._pulls)
        asked = {"head": label, "base": base}
        if any(_asked_for(one, asked) for one in kept):
            return _invalid(code="custom", message=f"A pull request already exists for {label}.")
        number = len(kept) + 1
        made = {
            "number": number,
            "state": "open",
            "html_url": f"https://github.com/{owner}/{name}/pull/{number}",
            "title": sent["title"],
            "body": sent.get("body"),
            "head": {"ref": head, "label": label},
            "base": {"ref": base, "label": f"{owner}:{base}"},
        }
        _write(self._pulls, [*kept, made])
        return 201, made

    def _has(self, branch: str) -> bool:
        if self.repository is None:
            return True
        asked = ["git", "-C", str(self.repository), "show-ref", "--quiet", f"refs/heads/{branch}"]
        return subprocess.run(asked, check=False).returncode == 0

    @property
    def _pulls(self) -> Path:
        return self.store.with_name("pulls.json")

    @override
    def log_message(self, *_: object) -> None:
        """The runner's own output tells what is done."""

    def _path(self) -> list[str]:
        return urlsplit(self.path).path.strip("/").split("/")

    def _body(self) -> dict[str, Any]:
        sent: dict[str, Any] = json.loads(
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
        )
        return sent

    def _answer(self, code: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _asked_for(pull: dict[str, Any], asked: dict[str, str]) -> bool:
    """By state (default: open), base, and head; a head without an owner filters nothing."""
    head = asked.get("head", "")
    return (
        asked.get("state", "open") in ("all", pull["state"])
        and (":" not in head or head == pull["head"]["label"])
        and asked.get("base", pull["base"]["ref"]) == pull["base"]["ref"]
    )


def _invalid(**error: str) -> _Answer:
    errors = [{"resource": "PullRequest", **error}]
    return 422, {"message": "Validation Failed", "errors": errors}


def _read(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def _write(file: Path, kept: list[dict[str, Any]]) -> None:
    file.write_text(json.dumps(kept, indent=2))
