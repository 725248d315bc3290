"""A Compose stack becomes settings that can be previewed, and nothing gets lost in silence."""

from pathlib import Path

import pytest
import yaml

from tame_components.compose.adopting import old_stack, said_secrets
from tame_components.compose.errors import NothingToImport
from tame_components.compose.importing import Imported, import_project, stack_name
from tame_components.compose.loading import load
from tame_components.compose.proving import topology_of, violations
from tame_components.compose.settings_file import settings_file
from tame_components.domain.adoption import OldStack
from tests.compose.stacks import FIXTURES, project, written


HERE = FIXTURES / "import"


@pytest.fixture(scope="module")
def imported() -> Imported:
    """The fixture with a bit of everything."""
    return import_project(project("import/docker-compose.yml"))


def lost(imported: Imported, service: str) -> dict[str, str]:
    """What *service* lost, and why."""
    return {one.what: one.why for one in imported.lost if one.service == service}


def test_services_are_matched_by_image_then_by_name(imported: Imported) -> None:
    """The image says what it is, whatever the service is called; a fork is known by its name."""
    assert {name: app.name for name, (_, app) in imported.matched.items()} == {
        "vpn": "gluetun",
        "qbittorrent": "qbittorrent",
        "radarr": "radarr",
        "sonarr": "sonarr",
        "plex": "plex",
        "overseerr": "overseerr",
        "dozzle": "dozzle",
    }


def test_what_is_imported_previews(imported: Imported) -> None:
    """The settings are valid, compose a topology, and break no mandatory rule."""
    assert imported.problem is None
    topology = topology_of(imported.stack, imported.settings)
    assert violations(topology) == []


def test_the_file_that_is_written_says_the_same(imported: Imported) -> None:
    """Read back, it is the very same settings, with the keys of the other stacks' files."""
    content = yaml.safe_load(settings_file(imported))["config"]
    ours = {k.removeprefix("tame:"): v for k, v in content.items() if k.startswith("tame:")}
    committed = yaml.safe_load(Path("Pulumi.dev.yaml").read_text("utf-8"))["config"]

    assert ours == imported.settings
    assert {"tame:data", "tame:services", "tame:exemptions"} <= set(content) & set(committed)


def test_values_are_carried(imported: Imported) -> None:
    """Ids, zone, tunnel, ports, limits and versions of the running stack stay."""
    settings, services = imported.settings, imported.settings["services"]

    assert imported.stack == "home-media"
    assert settings["timezone"] == "Europe/Berlin"
    assert settings["identity"] == {"docker_gid": 0, "gid": 1000, "uid": 1000, "umask": "002"}
    assert settings["exposure"]["user_address"] == "192.168.1.10"
    assert settings["data"]["root"] == "/mnt/tank"
    assert settings["config_root"] == str(HERE / "config")
    assert settings["vpn"] == {
        "provider": "protonvpn",
        "addresses": ["10.2.0.2/32"],
        "countries": ["Netherlands", "Switzerland"],
        "outbound_subnets": ["192.168.1.0/24"],
    }
    assert services["vpn"] == {"app": "gluetun", "image": "qmcgaw/gluetun:v3.40.0"}
    assert services["qbittorrent"] == {"publish": 8080}
    assert services["radarr"] == {"publish": 7878, "uid": 1001}
    assert services["sonarr"] == {
        "image": "linuxserver/sonarr:4.0.16",
        "environment": {"SONARR__LOG__LEVEL": "info"},
        "memory_mb": 2048,
    }
    assert services["plex"]["host_network"] is True
    assert "socket-proxy" in services


def test_what_is_not_carried_is_named(imported: Imported) -> None:
    """Each loss has its reason, in the words of the Compose file."""
    assert "retired" not in lost(imported, "watchtower")["`watchtower`"]
    assert "add-an-app" in lost(imported, "blog")["image ghost:5"]
    assert "R14" in lost(imported, "radarr")["port 7878 beyond the host"]
    assert lost(imported, "radarr")["EXTRA"] == "a variable of another image"
    assert "R19" in lost(imported, "vpn")["FIREWALL_OUTBOUND_SUBNETS=0.0.0.0/0"]
    assert lost(imported, "vpn")["FIREWALL"] == "it breaks `open-killswitch`"
    assert lost(imported, "plex")["VERSION"] == "the doctrine sets it: `docker`"
    assert "R12" in lost(imported, "dozzle")["the Docker socket"]
    assert "/etc/localtime" not in " ".join(lost(imported, "overseerr"))


def test_moved_paths_are_told(imported: Imported) -> None:
    """Whoever had `/movies` finds it below `/data`."""
    asked = {one.key: one.what for one in imported.todo}

    assert "`/data/movies`" in asked["radarr: /movies"]
    assert "`/data/torrents`" in asked["qbittorrent: /downloads"]


def test_no_secret_is_written(imported: Imported) -> None:
    """Secrets are listed by name with the command that stores them; no value is anywhere."""
    everything = "\n".join([settings_file(imported), repr(imported.secrets), repr(imported.lost),
                            repr(imported.todo), repr(imported.settings)])  # fmt: skip

    assert "canary" not in everything
    assert {one.key for one in imported.secrets} == {
        "tame:secrets.vpn.wireguard_private_key",
        "tame:secrets.sonarr.api-key",
        "tame:secrets.plex.claim",
        "",
    }
    assert all("--secret" in one.command for one in imported.secrets if one.key)


def test_broken_rules_are_told(imported: Imported) -> None:
    """What the import repaired is known."""
    assert {"floating-image-tag", "split-data-tree", "literal-secret"} <= {
        one.rule.name for one in imported.broken
    }


def test_a_torrent_client_without_a_tunnel_gets_one(tmp_path: Path) -> None:
    """The doctrine needs a gateway; what it dials is asked for by name."""
    file = written(
        tmp_path, "services: {qbittorrent: {image: 'lscr.io/linuxserver/qbittorrent:5.0.0'}}"
    )
    found = import_project(load([file]))

    assert found.problem is None
    assert found.settings["services"]["gluetun"] == {}
    assert {"tame:vpn", "tame:vpn.public_key"} <= {one.key for one in found.todo}


def test_unset_variables_are_asked_for(tmp_path: Path) -> None:
    """A path that nobody knows is not guessed in silence."""
    file = written(
        tmp_path,
        "services: {radarr: {image: 'lscr.io/linuxserver/radarr:latest',"
        " volumes: ['${MEDIA}:/data', '${CONF}/radarr:/config'], ports: ['${PORT}:7878']}}",
    )
    found = import_project(load([file]))
    asked = {one.key: one.what for one in found.todo}

    assert found.problem is None
    assert "tame:services.radarr.publish" in asked
    assert any("`MEDIA` is not set" in one.what for one in found.todo)


def test_two_services_do_not_keep_one_port(tmp_path: Path) -> None:
    """Behind different addresses Compose allowed it; here the second is asked for."""
    image = "lscr.io/linuxserver/radarr:6.2.1"
    file = written(
        tmp_path,
        f"services: {{one: {{image: '{image}', ports: ['10.0.0.1:80:7878']}},"
        f" two: {{image: '{image}', ports: ['10.0.0.2:80:7878']}}}}",
    )
    found = import_project(load([file]))

    assert found.problem is None
    assert found.settings["services"]["two"]["publish"] == 0


def test_a_stack_of_strangers_is_no_stack(tmp_path: Path) -> None:
    """TAME806 names what is there."""
    file = written(tmp_path, "services: {blog: {image: 'ghost:5'}}")

    with pytest.raises(NothingToImport, match="`blog`"):
        import_project(load([file]))


@pytest.mark.parametrize(
    ("text", "name"), [("Home_Media", "home-media"), ("4k", "s-4k"), ("a" * 60, "a" * 40)]
)
def test_names_are_made_to_fit(text: str, name: str) -> None:
    """What Compose allows and settings do not."""
    assert stack_name(text) == name


@pytest.fixture(scope="module")
def old(imported: Imported) -> OldStack:
    """What the fixture's stack hands over."""
    return old_stack(imported, project("import/docker-compose.yml"), [HERE / "docker-compose.yml"])


def test_an_adoption_knows_where_state_lies(old: OldStack) -> None:
    """A directory as a path of the host, a volume by the name that the engine has for it."""
    states = {one.name: one.state for one in old.services}

    assert old.project == "home_media"
    assert states["radarr"]
    assert (states["radarr"].kind, states["radarr"].source) == ("bind", f"{HERE}/config/radarr")
    assert states["sonarr"]
    assert (states["sonarr"].kind, states["sonarr"].source) == ("volume", "home_media_tv_config")
    assert states["vpn"] is None


def test_an_adoption_takes_secrets_by_name(old: OldStack, imported: Imported) -> None:
    """The variable that holds each; a claim has done its work. Values come only when asked for."""
    variables = {one.name: one.variables for one in old.services if one.variables}

    assert variables == {
        "vpn": {"WIREGUARD_PRIVATE_KEY": "wireguard_private_key"},
        "sonarr": {"SONARR__AUTH__APIKEY": "api-key"},
    }
    assert said_secrets(imported)["sonarr", "SONARR__AUTH__APIKEY"] == "canary-api-key"
    assert "canary" not in old.model_dump_json()


def test_an_adoption_knows_what_must_not_go_on(old: OldStack) -> None:
    """Watchtower would replace the new containers; the blog is nobody's business."""
    assert old.retired == ("watchtower",)
    assert "blog" not in {one.called for one in old.services}
    assert {one.name for one in old.services if one.says_user} == {
        *("qbittorrent", "radarr", "sonarr", "plex", "overseerr")
    }


@pytest.mark.parametrize(
    ("mount", "asked"),
    [
        ("films:/config", "the volume `films`"),
        ("/config", "a volume without a name"),
        ("/opt/somewhere:/config", "`/opt/somewhere`"),
        ("./radarr:/config", ""),
    ],
)
def test_state_that_lies_elsewhere_is_told(tmp_path: Path, mount: str, asked: str) -> None:
    """Without a word the service would start empty."""
    file = written(
        tmp_path,
        f"services: {{radarr: {{image: lscr.io/linuxserver/radarr, volumes: ['{mount}']}}}}\n"
        "volumes: {films: }\n",
    )
    told = {one.key: one.what for one in import_project(load([file])).todo}

    assert asked in told.get("radarr: state", "")
    assert ("radarr: state" in told) == bool(asked)


def test_requests_keep_their_state_with_another_builders_image(tmp_path: Path) -> None:
    """Overseerr's own image keeps it in `/app/config`: no mount of media, and not lost."""
    file = written(
        tmp_path,
        "services: {overseerr: {image: sctx/overseerr, volumes: ['./overseerr:/app/config']}}",
    )
    found = import_project(load([file]))

    assert found.settings["config_root"] == str(tmp_path)
    assert not any("/app/config" in one.what for one in found.lost)


def test_a_file_may_say_the_same_to_another_engine(tmp_path: Path) -> None:
    """Where it runs is not in a Compose file."""
    file = written(tmp_path, "services: {radarr: {image: lscr.io/linuxserver/radarr}}")

    assert import_project(load([file]), "home", "ssh://nas").settings["engine"] == "ssh://nas"
