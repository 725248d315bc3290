"""Paths: one data tree, mirrored folders, configuration on a local disk."""

import pytest

from tame_components.domain.container import Mount
from tame_components.rules import Scope
from tests.rules.stacks import DATA, bind, container, judged, stack, volume


CONFIG = bind("/srv/config/radarr", "/config")


@pytest.mark.parametrize(
    "mounts",
    [
        (CONFIG,),  # none at all
        (CONFIG, bind("/srv/movies", "/movies"), bind("/srv/dl", "/downloads")),
        (CONFIG, bind(DATA, "/data"), bind(f"{DATA}/media", "/data/media")),  # nested: EXDEV
        (CONFIG, bind(f"{DATA}/torrents", "/data/torrents"), bind(f"{DATA}/media", "/data/media")),
        (CONFIG, bind(DATA, "/media")),
        (CONFIG, bind("/mnt/other", "/data")),
        (CONFIG, bind(DATA, "/data"), bind("/srv/movies", "/movies")),
        (CONFIG, bind(DATA, "/data"), bind(f"{DATA}/extra", "/extra")),  # the same tree twice
    ],
)
def test_an_importer_with_anything_but_one_data_mount_is_an_offence(
    mounts: tuple[Mount, ...],
) -> None:
    """A link fails between two mounts, even of one file system."""
    assert judged("split-data-tree", container(mounts=mounts)).violations


@pytest.mark.parametrize(
    "mounts",
    [
        (CONFIG, bind(DATA, "/data")),
        (CONFIG, bind(f"{DATA}/", "/data/")),
        (CONFIG, bind(DATA, "/data"), bind("/etc/localtime", "/etc/localtime", read_only=True)),
        (CONFIG, bind(DATA, "/data"), bind("/srv/database", "/database")),  # not below /data
    ],
)
def test_an_importer_with_the_whole_tree_at_data_passes(mounts: tuple[Mount, ...]) -> None:
    """Whatever else is mounted beside it."""
    assert not judged("split-data-tree", container(mounts=mounts)).violations


def test_importers_must_agree_where_nobody_says_what_the_root_is() -> None:
    """Two importers with two roots are an offence of the stack; one root is none."""
    radarr = container(mounts=(bind("/mnt/a", "/data"),))
    sonarr = container("sonarr", mounts=(bind("/mnt/b", "/data"),))
    agreeing = container("sonarr", mounts=(bind("/mnt/a", "/data"),))

    assert judged("split-data-tree", radarr, stack(radarr, sonarr)).violations
    assert not judged("split-data-tree", radarr, stack(radarr, agreeing)).violations


@pytest.mark.parametrize("name", ["plex", "jellyfin", "bazarr"])
def test_others_than_importers_may_mount_parts(name: str) -> None:
    """TRaSH's mirrored sub-mounts are fine where nothing is linked."""
    mounts = (bind(f"{DATA}/media", "/data/media"),)

    assert not judged("split-data-tree", container(name, mounts=mounts)).violations
    assert not judged("crooked-data-path", container(name, mounts=mounts)).violations


@pytest.mark.parametrize(
    "mount",
    [
        bind(f"{DATA}/torrents", "/downloads"),
        bind(f"{DATA}/torrents", "/data/downloads"),
        bind(f"{DATA}/torrents", "/data"),
        bind("/mnt/ssd/torrents", "/data/torrents"),
    ],
)
def test_a_folder_with_another_path_is_an_offence(mount: Mount) -> None:
    """The path that the download client reports must exist in the importer."""
    assert judged("crooked-data-path", container("qbittorrent", mounts=(mount,))).violations


@pytest.mark.parametrize(
    ("name", "mount"),
    [
        ("qbittorrent", bind(f"{DATA}/torrents", "/data/torrents")),
        ("qbittorrent", bind(DATA, "/data")),
        ("plex", bind("/dev/shm", "/transcode")),  # noqa: S108 - a mount, not a file of ours
        ("caddy", bind("/srv/caddy", "/data")),  # its own /data, no media
        ("plex", bind("/srv/database", "/database")),  # `/srv/data` is no prefix of it
    ],
)
def test_a_mirrored_folder_or_somebody_elses_data_passes(name: str, mount: Mount) -> None:
    """Only the data tree, and applications that work on it, are judged."""
    assert not judged("crooked-data-path", container(name, mounts=(mount,))).violations


@pytest.mark.parametrize(
    "mount",
    [
        volume("/config", "nfs"),  # checks of driver_opts alone miss it
        volume("/config", "local", type="nfs4", o="addr=10.0.0.2,rw", device=":/export"),
        volume("/config", "local", type="cifs", o="username=x", device="//nas/config"),
        volume("/config", "local", type="none", o="addr=10.0.0.2"),
        volume("/config", "vieux/sshfs:latest"),
        volume("/config", "local", type="fuse.rclone"),
        volume("/app/config", "rclone"),
        volume("/config", "local", type="none", o="bind", device="/mnt/nas/radarr"),
        bind("/mnt/nas/config", "/config"),
    ],
)
def test_configuration_on_a_network_share_is_an_offence(mount: Mount) -> None:
    """By the driver, by its options, or by a declared mount of the host."""
    scope = Scope(network_mounts=("/mnt/nas",))

    assert judged("config-on-network-share", container(mounts=(mount,)), scope).violations


@pytest.mark.parametrize(
    "mount",
    [
        volume("/config"),
        volume("/config", "local"),
        volume("/config", "local", type="none", o="bind", device="/srv/config"),
        volume("/config", "local", type="tmpfs", o="size=100m"),
        bind("/mnt/nas2/config", "/config"),  # another directory than `/mnt/nas`
        volume("/media", "nfs"),  # media may be remote
        bind("/mnt/nas/data", "/data"),
    ],
)
def test_local_configuration_and_remote_media_pass(mount: Mount) -> None:
    """Only what an application keeps has to be local."""
    scope = Scope(network_mounts=("/mnt/nas",))

    assert not judged("config-on-network-share", container(mounts=(mount,)), scope).violations
