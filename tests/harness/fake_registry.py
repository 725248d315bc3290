"""A registry in memory: for tests of what is asked, and of what follows from the answers."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from typing_extensions import override

from tame_components.ops.pins.registry import Registries


NAME = "linuxserver/radarr"
_POLL = 0.05
"""Seconds until the server notices that it is to end."""
_PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>tags|manifests|blobs)/(?P<what>[^/]+)")


def digest_of(content: bytes) -> str:
    """What a registry calls *content*."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Repository:
    """The images of one name, each an index of two platforms and an attestation."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        self.tags = list(tags)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        for tag, created in tags.items():
            self.add(tag, created)

    def add(self, tag: str, created: str, comment: str = "") -> None:
        """Put an image there that was built at *created*, or another one in its place."""
        config = json.dumps({"created": created, "comment": comment}).encode()
        self.blobs[digest_of(config)] = config
        inner = json.dumps({"schemaVersion": 2, "config": {"digest": digest_of(config)}}).encode()
        self.manifests[digest_of(inner)] = inner
        entries = [
            {"digest": digest_of(inner), "platform": {"os": "linux", "architecture": name}}
            for name in ("amd64", "arm64")
        ]
        entries.append({"digest": digest_of(inner), "platform": {"os": "unknown"}})
        index = json.dumps({"schemaVersion": 2, "tag": tag, "manifests": entries}).encode()
        self.manifests |= {digest_of(index): index, tag: index}
        if tag not in self.tags:
            self.tags.append(tag)


class FakeRegistry:
    """Answers as the distribution specification says: challenge, pages, index, blobs."""

    def __init__(
        self,
        tags: Mapping[str, str],
        *,
        page: int = 2,
        further: Mapping[str, Mapping[str, str]] | None = None,
        login: bool = True,
    ) -> None:
        """*tags* of `NAME`, and *further* repositories by name: when each tag was built."""
        self.page = page
        self.login = login
        self.asked: list[str] = []
        self.own = Repository(tags)
        self.repositories = {NAME: self.own} | {
            name: Repository(one) for name, one in (further or {}).items()
        }

    @property
    def manifests(self) -> dict[str, bytes]:
        """Those of `NAME`, by tag and by digest."""
        return self.own.manifests

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        self.asked.append(str(request.url))
        if request.url.host == "auth.test":
            return httpx.Response(200, json={"token": f"for-{request.url.params['scope']}"})
        found = _PATH.fullmatch(request.url.path)
        if found is None or found["name"] not in self.repositories:
            return httpx.Response(404)
        if self.login and "authorization" not in request.headers:
            scope = f"repository:{found['name']}:pull"
            challenge = f'Bearer realm="https://auth.test/token",service="r",scope="{scope}"'
            return httpx.Response(401, headers={"www-authenticate": challenge})
        repository = self.repositories[found["name"]]
        if found["kind"] == "tags":
            start = int(request.url.params.get("from", 0))
            return self._page(found["name"], repository.tags, start)
        held = repository.manifests if found["kind"] == "manifests" else repository.blobs
        content = held.get(found["what"])
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)

    def _page(self, name: str, tags: list[str], start: int) -> httpx.Response:
        link = f'</v2/{name}/tags/list?from={start + self.page}>; rel="next"'
        headers = {"link": link} if start + self.page < len(tags) else {}
        return httpx.Response(200, json={"tags": tags[start : start + self.page]}, headers=headers)


def registries_of(fake: FakeRegistry) -> Registries:
    """A client whose every registry is *fake*."""
    return Registries(client=httpx.Client(transport=httpx.MockTransport(fake.answer)))


@contextmanager
def serving(fake: FakeRegistry) -> Iterator[str]:
    """*fake* on a port of this machine, for programs; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        """Read only."""

        def do_GET(self) -> None:
            """Whatever is asked."""
            found = fake.answer(httpx.Request("GET", f"{url}{self.path}"))
            self.send_response(found.status_code)
            for name in ("content-type", "link"):
                if name in found.headers:
                    self.send_header(name, found.headers[name])
            self.send_header("Content-Length", str(len(found.content)))
            self.end_headers()
            self.wfile.write(found.content)

        @override
        def log_message(self, *_: object) -> None:
            """`asked` has it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
