"""A Compose project that runs on an engine that is not there."""

import io
import tarfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import docker.errors
import requests

from tame_components.compose.adopting import old_stack
from tame_components.compose.importing import Imported, import_project
from tame_components.compose.loading import load
from tame_components.domain.adoption import OldStack
from tame_components.ops.adopt.given import Given
from tame_components.ops.adopt.looking import look
from tame_components.ops.adopt.settings import standing


KEY = "0123456789abcdef0123456789abcdef"
XML = f"<Config><ApiKey>{KEY}</ApiKey></Config>"

COMPOSE = """\
name: media
services:
  radarr:
    image: lscr.io/linuxserver/radarr:latest
    environment: { PUID: 1000, PGID: 1000 }
    volumes: ["films:/config", "./media:/data"]
  sonarr:
    image: lscr.io/linuxserver/sonarr:latest
    volumes: ["./config/sonarr:/config", "./media:/data"]
  overseerr:
    image: sctx/overseerr:latest
    volumes: ["./config/overseerr:/app/config"]
  prowlarr:
    image: lscr.io/linuxserver/prowlarr:latest
    environment: { PROWLARR__AUTH__APIKEY: canary-of-prowlarr }
    restart: always
  watchtower: { image: "containrrr/watchtower:latest" }
  blog: { image: "ghost:5" }
volumes: { films: }
"""


class Engine:
    """Answers as Docker 20.10 does, and writes down what was asked to change."""

    def __init__(self, project: str = "media") -> None:
        self.timeout = 0
        self.refuses = ""
        """What it says when something is to be stopped; empty: it stops it."""
        self.changes: list[tuple[str, ...]] = []
        self._project = project
        self._containers: dict[str, dict[str, Any]] = {}
        self._files: dict[str, dict[str, tuple[bytes, int]]] = {}

    def add(
        self,
        service: str,
        *mounts: dict[str, Any],
        files: Mapping[str, str] | None = None,
        uid: int = 1000,
        running: bool = True,
        environment: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        restart: str = "no",
        ended: str = "0001-01-01T00:00:00Z",
        status: str = "Up 2 hours",
    ) -> None:
        """A container of *service*, with *files* in it, all of them *uid*'s."""
        said = {
            "com.docker.compose.project": self._project,
            "com.docker.compose.service": service,
            "org.opencontainers.image.version": "1.0",
            **(labels or {}),
        }
        self._containers[f"{service}-id"] = {
            "Id": f"{service}-id",
            "Name": f"/{self._project}-{service}-1",
            "Image": "sha256:image",
            "Config": {"Labels": said, "Env": [f"{k}={v}" for k, v in (environment or {}).items()]},
            "State": {"Running": running, "FinishedAt": ended},
            "HostConfig": {"RestartPolicy": {"Name": restart}, "NetworkMode": "media_default"},
            "Mounts": list(mounts),
            "Status": status,
        }
        texts = {path: (text.encode(), uid) for path, text in (files or {}).items()}
        self._files[f"{service}-id"] = texts

    def containers(
        self,
        *,
        all: bool = False,  # noqa: A002 - docker's word
        filters: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """The containers that *filters* let through, in the list's words."""
        wanted = (filters or {}).get("label", "")
        key, _, value = (wanted[0] if isinstance(wanted, list) else wanted).partition("=")
        state = (filters or {}).get("status")
        return [
            one
            for one in self._listed()
            if (all or one["State"] == "running")
            and (not key or one["Labels"].get(key) == value or (key in one["Labels"] and not value))
            and state in (None, one["State"])
        ]

    def _listed(self) -> list[dict[str, Any]]:
        running = {True: "running", False: "exited"}
        return [
            {
                "Id": key,
                "Names": [one["Name"]],
                "Labels": one["Config"]["Labels"],
                "State": running[one["State"]["Running"]],
                "Status": one["Status"],
                "Mounts": one["Mounts"],
            }
            for key, one in self._containers.items()
        ]

    def inspect_volume(self, name: str) -> dict[str, Any]:
        """The volume of the files is there, and no other."""
        if name != "media_films":
            raise _missing()
        return {"Name": name}

    def inspect_container(self, container: str) -> dict[str, Any]:
        """All about one."""
        return self._containers[container]

    def get_archive(
        self, container: str, path: str, chunk_size: int = 1
    ) -> tuple[Generator[bytes, None, None], dict[str, Any]]:
        """What lies at *path*: a file, or a directory that is there because a file is in it."""
        del chunk_size
        files = self._files[container]
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            name = path.rpartition("/")[2]
            if path in files:
                _add(archive, name, *files[path])
            else:
                below = {one: two for one, two in files.items() if one.startswith(f"{path}/")}
                if not below:
                    raise _missing()
                folder = tarfile.TarInfo(name)
                folder.type, folder.uid = tarfile.DIRTYPE, next(iter(below.values()))[1]
                archive.addfile(folder)
                for one, (content, uid) in below.items():
                    _add(archive, f"{name}{one.removeprefix(path)}", content, uid)
        return (one for one in [packed.getvalue()]), {}

    def stop(self, container: str, timeout: int) -> None:
        """Ends *container*."""
        self.changes.append(("stop", container, str(timeout)))
        if self.refuses:
            raise docker.errors.APIError("500", explanation=self.refuses)
        self._containers[container]["State"]["Running"] = False

    def remove_container(self, container: str, *, v: bool = False) -> None:
        """Takes *container* away."""
        self.changes.append(("remove", container, *(["volumes"] if v else [])))
        del self._containers[container]


def _missing() -> docker.errors.NotFound:
    response = requests.Response()
    response.status_code = 404
    return docker.errors.NotFound("there is none", response=response)


def _add(archive: tarfile.TarFile, name: str, content: bytes, uid: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.uid = len(content), uid
    archive.addfile(member, io.BytesIO(content))


def volume(name: str, target: str = "/config") -> dict[str, Any]:
    """A mount of a volume."""
    source = f"/var/lib/docker/volumes/{name}/_data"
    return {"Type": "volume", "Name": name, "Source": source, "Destination": target, "RW": True}


def bind(source: Path | str, target: str = "/config") -> dict[str, Any]:
    """A mount of a directory of the host."""
    return {"Type": "bind", "Source": str(source), "Destination": target, "RW": True}


def running(place: Path) -> Engine:
    """The engine on which the stack of COMPOSE in *place* runs."""
    (place / "media").mkdir(exist_ok=True)
    engine = Engine()
    data = bind(place / "media", "/data")
    engine.add("radarr", volume("media_films"), data, files={"/config/config.xml": XML})
    sonarr = bind(place / "config/sonarr")
    engine.add("sonarr", sonarr, data, files={"/config/config.xml": XML}, uid=911)
    engine.add(
        "overseerr",
        bind(place / "config/overseerr", "/app/config"),
        files={"/app/config/settings.json": '{"main": {}}'},
        uid=0,
    )
    engine.add(
        "prowlarr",
        volume("f" * 64),
        files={"/config/config.xml": "<ApiKey>unused</ApiKey>"},
        environment={"PROWLARR__AUTH__APIKEY": "canary-of-prowlarr"},
        restart="always",
    )
    engine.add("watchtower")
    engine.add("blog")
    return engine


def imported(place: Path, text: str = COMPOSE) -> tuple[Imported, OldStack]:
    """What is read from *text* in *place*."""
    file = place / "docker-compose.yml"
    file.write_text(text)
    project = load([file])
    found = import_project(project, "home")
    return found, old_stack(found, project, [file])


def given(place: Path, engine: Any, text: str = COMPOSE) -> Given:
    """What the plan of a first run follows from."""
    found, old = imported(place, text)
    file = place / "Pulumi.home.yaml"
    stands = standing(file, "home", found.settings)
    return Given(
        old=old,
        found=look(old, engine),
        file=file,
        becomes="same" if stands.state == "same" else "write",
        settings=found.settings,
        differs=(),
        stored=stands.stored,
    )
