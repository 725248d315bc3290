"""Container image references, and whether their tag can move."""

import re
from typing import Self

from pydantic import Field
from typing_extensions import override

from tame_components.domain.base import Frozen
from tame_components.domain.errors import ImageReferenceInvalid


_REFERENCE = re.compile(
    r"(?P<repository>[a-z0-9][a-z0-9._:/-]*?)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_ENOUGH_PARTS = 3


class ImageReference(Frozen):
    """`repository[:tag][@digest]`, as Docker writes it."""

    repository: str
    tag: str | None = None
    digest: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")

    @classmethod
    def parse(cls, reference: str) -> Self:
        """Read *reference*.

        Raises:
            ImageReferenceInvalid: it is not an image reference.
        """
        match = _REFERENCE.fullmatch(reference)
        if match is None or match["repository"].endswith((":", "/")):
            raise ImageReferenceInvalid(reference)
        return cls(**match.groupdict())

    @override
    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def familiar(self) -> str:
        """How the Docker engine lists it: without `docker.io/`, and by its digest if it has one.

        A pull by tag and digest brings the digest and leaves the tag alone, so the tag says nothing
        about what is there (docker/distribution, reference/reference.go).
        """
        name = self.repository.removeprefix("docker.io/").removeprefix("library/")
        return f"{name}@{self.digest}" if self.digest else f"{name}:{self.tag or 'latest'}"

    @property
    def floats(self) -> bool:
        """Whether tomorrow's pull may bring another program.

        A tag holds still, by convention, only when it names a full version: three numbers or more
        (doctrine R01). A digest alone holds still too, but says nothing to a person.
        """
        if self.tag is None:
            return True
        version = _VERSION.search(self.tag)
        return version is None or version[0].count(".") + 1 < _ENOUGH_PARTS
