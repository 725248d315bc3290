"""Image references."""

import pytest

from tame_components.domain.errors import ImageReferenceInvalid
from tame_components.domain.image import ImageReference


DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("radarr", "radarr", None, None),
        ("lscr.io/linuxserver/radarr:5.26.2", "lscr.io/linuxserver/radarr", "5.26.2", None),
        ("localhost:5000/radarr", "localhost:5000/radarr", None, None),
        ("localhost:5000/radarr:1.2.3", "localhost:5000/radarr", "1.2.3", None),
        (f"a/b:1.2.3@{DIGEST}", "a/b", "1.2.3", DIGEST),
        (f"a/b@{DIGEST}", "a/b", None, DIGEST),
    ],
)
def test_a_reference_is_read_and_written_alike(
    text: str, repository: str, tag: str | None, digest: str | None
) -> None:
    """Reading and writing are inverse, with a registry's port never taken for a tag."""
    image = ImageReference.parse(text)

    assert (image.repository, image.tag, image.digest) == (repository, tag, digest)
    assert str(image) == text


@pytest.mark.parametrize("text", ["", "Radarr:1", "a b", "a:", "a/", "a@sha256:12", "a:b:c d"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    """A mistyped reference is an error with a code, not a container that never starts."""
    with pytest.raises(ImageReferenceInvalid, match="TAME101"):
        ImageReference.parse(text)


@pytest.mark.parametrize(
    ("tag", "floats"),
    [
        ("latest", True),
        ("5", True),
        ("5.2", True),
        ("nightly-5.2", True),
        ("v8", True),
        ("2024-01", True),
        ("5.26.2", False),
        ("5.26.2.10099-ls280", False),
        ("v3.41.0", False),
        ("version-1.2.3", False),
        ("release-5.26.2", False),
    ],
)
def test_a_tag_holds_still_only_with_a_full_version(tag: str, *, floats: bool) -> None:
    """Doctrine R01: three numbers or more."""
    assert ImageReference.parse(f"x/y:{tag}").floats is floats


@pytest.mark.parametrize(
    ("text", "familiar"),
    [
        ("docker.io/qmcgaw/gluetun:v3.41.3", "qmcgaw/gluetun:v3.41.3"),
        ("docker.io/library/caddy:2.8.4", "caddy:2.8.4"),
        ("lscr.io/linuxserver/radarr:5.26.2", "lscr.io/linuxserver/radarr:5.26.2"),
        (f"docker.io/a/b:1.2.3@{DIGEST}", f"a/b@{DIGEST}"),
        ("docker.io/a/b", "a/b:latest"),
    ],
)
def test_an_image_is_looked_up_as_the_engine_lists_it(text: str, familiar: str) -> None:
    """`docker images` drops the default registry; a search by the full name finds nothing."""
    assert ImageReference.parse(text).familiar == familiar
