"""Pages that are generated from the code, so that they cannot tell another story.

Each module but `markdown` makes one page. `ci/docs` writes them; `ci/docs --check` finds the
stale ones.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docs.generator import apps, commands, errors, fidelity, rules, schema, settings


ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Page:
    """A file that the generator owns, whole or, between two marks, in part."""

    path: str
    """Relative to the checkout."""
    make: Callable[[str], str]
    """From what stands there now (empty: nothing) to what must stand there."""

    @property
    def file(self) -> Path:
        """Where it lies."""
        return ROOT / self.path

    def wanted(self) -> str:
        """What must stand there."""
        return self.make(self.file.read_text("utf-8") if self.file.exists() else "")


PAGES = (
    Page("docs/troubleshooting.md", lambda _: errors.page()),
    Page("docs/reference/settings.md", lambda _: settings.page()),
    Page("docs/reference/settings.schema.json", lambda _: schema.page()),
    Page("docs/reference/catalog.md", lambda _: apps.page()),
    Page("docs/reference/rules.md", lambda _: rules.page()),
    Page("docs/reference/cli.md", lambda _: commands.page()),
    Page("docs/rehearsal.md", fidelity.renewed),
)


def stale(pages: Iterable[Page] = PAGES) -> Iterator[Page]:
    """Those of *pages* that do not say what the code says."""
    for page in pages:
        if not page.file.exists() or page.file.read_text("utf-8") != page.wanted():
            yield page


def mistakes() -> Iterator[str]:
    """What is wrong with the texts that people write beside the code."""
    yield from errors.mistakes()
