"""A client of image registries: tags, digests, and when an image was built.

OCI distribution specification 1.1 (`/v2/<name>/tags/list`, `/v2/<name>/manifests/<reference>`);
the token of a challenge as in distribution/distribution, docs/spec/auth/token.md; index and
configuration as in the OCI image specification.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tame_components.domain.image import ImageReference
from tame_components.domain.registry import RegistrySettings
from tame_components.ops.pins.errors import RegistryUnreachable


_HUB = "docker.io"
_HUB_API = "https://registry-1.docker.io"
_HUB_LOGIN = "https://index.docker.io/v1/"
_INDEX = ("application/vnd.oci.image.index.v1+json",)
_LIST = ("application/vnd.docker.distribution.manifest.list.v2+json",)
_MANIFEST = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = ", ".join((*_INDEX, *_LIST, *_MANIFEST))
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]+)>;\s*rel="?next"?')
_MOST_PAGES = 200
_NOT_FOUND, _UNAUTHORIZED = 404, 401


@dataclass(frozen=True, slots=True)
class Found:
    """What a registry knows of one tag."""

    digest: str
    """Of the multi-arch index where there is one, else of the manifest."""
    platforms: tuple[str, ...]
    """E.g. `linux/amd64`. Empty: the manifest of one platform, which it does not name."""
    created: str | None
    """When it was built, as the image says (RFC 3339); of its first platform."""


@dataclass
class Registries:
    """Every registry that the images come from.

    Tokens and answers are kept for the lifetime of this value: a tag that appears, or moves, while
    several stacks are looked at cannot make them differ.
    """

    settings: RegistrySettings = field(default_factory=RegistrySettings)
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=30, follow_redirects=True)
    )
    _tokens: dict[str, str] = field(default_factory=dict)
    _tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[str, Found | None] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def tags(self, repository: str) -> tuple[str, ...]:
        """Every tag of *repository*, in the registry's order.

        Raises:
            RegistryUnreachable: it gives no usable answer.
        """
        if repository not in self._tags:
            self._tags[repository] = tuple(self._pages(*_split(repository)))
        return self._tags[repository]

    def find(self, image: ImageReference) -> Found | None:
        """What *image*'s tag stands for; None where the registry lacks it.

        Raises:
            RegistryUnreachable: it gives no usable answer.
        """
        key = f"{image.repository}:{image.tag}"
        if key not in self._found:
            self._found[key] = self._find(image)
        return self._found[key]

    def _find(self, image: ImageReference) -> Found | None:
        host, name = _split(image.repository)
        answer = self._get(host, f"/v2/{name}/manifests/{image.tag}", name)
        if answer is None:
            return None
        body = _json(answer, host)
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        manifests = [one for one in body.get("manifests", ()) if _is_image(one)]
        platforms = tuple(_platform(one["platform"]) for one in manifests)
        first = manifests[0]["digest"] if manifests else None
        return Found(digest, platforms, self._created(host, name, body, first))

    def _created(
        self, host: str, name: str, body: Mapping[str, Any], first: str | None
    ) -> str | None:
        if first is not None:
            answer = self._get(host, f"/v2/{name}/manifests/{first}", name)
            body = _json(answer, host) if answer else {}
        config = body.get("config", {}).get("digest")
        answer = self._get(host, f"/v2/{name}/blobs/{config}", name) if config else None
        created = _json(answer, host).get("created") if answer else None
        return str(created) if created else None

    def _pages(self, host: str, name: str) -> Iterator[str]:
        path: str | None = f"/v2/{name}/tags/list?n=1000"
        for _ in range(_MOST_PAGES):
            answer = self._get(host, path, name) if path else None
            if answer is None:
                return
            yield from _json(answer, host).get("tags") or ()
            link = _NEXT.search(answer.headers.get("link", ""))
            path = link[1] if link else None

    def _get(self, host: str, path: str, name: str) -> httpx.Response | None:
        url = httpx.URL(self._base(host)).join(path)  # a next page may be named whole
        if url.host != httpx.URL(self._base(host)).host:
            raise RegistryUnreachable(host, "it sends its reader to another host")
        try:
            answer = self.client.get(url, headers=self._headers(name))
            if answer.status_code == _UNAUTHORIZED:
                self._tokens[name] = self._token(host, answer.headers.get("www-authenticate", ""))
                answer = self.client.get(url, headers=self._headers(name))
        except httpx.HTTPError as error:
            raise RegistryUnreachable(host, type(error).__name__) from None
        if answer.status_code == _NOT_FOUND:
            return None
        if answer.is_error:
            raise RegistryUnreachable(host, f"status {answer.status_code}")
        return answer

    def _base(self, host: str) -> str:
        mirror = self.settings.mirrors.get(host)
        return (mirror or (_HUB_API if host == _HUB else f"https://{host}")).rstrip("/")

    def _headers(self, name: str) -> dict[str, str]:
        token = self._tokens.get(name)
        return {"Accept": _ACCEPT} | ({"Authorization": token} if token else {})

    def _token(self, host: str, challenge: str) -> str:
        login = self._login(host)
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic" and login:
            return f"Basic {login}"
        asked = dict(_CHALLENGE.findall(rest))
        if scheme.lower() != "bearer" or "realm" not in asked:
            raise RegistryUnreachable(host, "it asks for a login in a way that is not known")
        query = {key: asked[key] for key in ("service", "scope") if key in asked}
        headers = {"Authorization": f"Basic {login}"} if login else {}
        answer = self.client.get(asked["realm"], params=query, headers=headers)
        if answer.is_error:
            raise RegistryUnreachable(host, f"its login answers {answer.status_code}")
        body = _json(answer, host)
        return f"Bearer {body.get('token') or body.get('access_token')}"

    def _login(self, host: str) -> str | None:
        """What `docker login` has kept for *host*, as HTTP's basic scheme takes it."""
        try:
            kept = json.loads(Path(self.settings.login_file).expanduser().read_text("utf-8"))
            login = kept["auths"][_HUB_LOGIN if host == _HUB else host]["auth"]
            base64.b64decode(login, validate=True)
        except (OSError, ValueError, KeyError, TypeError, binascii.Error):
            return None
        return str(login)


def _split(repository: str) -> tuple[str, str]:
    """Registry and name, as Docker completes them (distribution/reference, normalize.go)."""
    host, _, rest = repository.partition("/")
    if rest and ("." in host or ":" in host or host == "localhost"):
        return host, f"library/{rest}" if host == _HUB and "/" not in rest else rest
    return _HUB, repository if rest else f"library/{repository}"


def _json(answer: httpx.Response, host: str) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        raise RegistryUnreachable(host, "the answer is no JSON") from None
    if not isinstance(found, dict):
        raise RegistryUnreachable(host, "the answer is no JSON object")
    return found


def _is_image(entry: Mapping[str, Any]) -> bool:
    """Attestations stand in an index beside images, on a platform called unknown."""
    return bool(entry.get("platform", {}).get("os", "unknown") != "unknown")


def _platform(platform: Mapping[str, str]) -> str:
    parts = (platform.get("os", ""), platform.get("architecture", ""), platform.get("variant", ""))
    return "/".join(part for part in parts if part)
