"""The digests that a stack's images are locked to.

`images.<stack>.lock.toml` beside `Pulumi.yaml`; written by `tame pins lock`, never typed.
"""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from tame_components.domain.base import Frozen
from tame_components.domain.errors import LockInvalid
from tame_components.domain.image import ImageReference


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Lock(Frozen):
    """Which release each service runs, and exactly which image that is."""

    pins: dict[str, str] = Field(default_factory=dict)
    """Reference with a tag, by service: what `tame pins update` moved on from the catalog's pin. An
    `image` in the settings wins."""
    images: dict[str, Digest] = Field(default_factory=dict)
    """The digest of each image's multi-arch index, by reference with a tag."""

    def locked(self, image: ImageReference) -> ImageReference:
        """*image* with its digest, where it has none and the lock knows one."""
        digest = self.images.get(str(image))
        return image if digest is None else image.model_copy(update={"digest": digest})

    def text(self) -> str:
        """The file's content."""
        sections = [
            ("pins", {name: f'"{pin}"' for name, pin in self.pins.items()}),
            ("images", {f'"{image}"': f'"{digest}"' for image, digest in self.images.items()}),
        ]
        parts = ["# Written by `tame pins`; changes here are lost."]
        for title, entries in sections:
            if entries:
                parts += ["", f"[{title}]"]
                parts += [f"{key} = {value}" for key, value in sorted(entries.items())]
        return "\n".join(parts) + "\n"


def lock_file(directory: Path, stack: str) -> Path:
    """Where the lock of *stack* lies."""
    return directory / f"images.{stack}.lock.toml"


def read_lock(directory: Path, stack: str) -> Lock:
    """The lock of *stack* in the project at *directory*; an empty one where there is no file.

    Raises:
        LockInvalid: the file is no lock.
    """
    file = lock_file(directory, stack)
    try:
        return Lock.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return Lock()
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LockInvalid(file.name, type(error).__name__) from None
