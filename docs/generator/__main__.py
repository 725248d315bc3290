"""`ci/docs [--check]`."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from docs.generator import PAGES, Page, mistakes, stale


def main(arguments: Sequence[str] | None = None, pages: Iterable[Page] = PAGES) -> int:
    """Write the generated pages, or with `--check` say which are stale."""
    parser = argparse.ArgumentParser(prog="ci/docs", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where stale")
    check: bool = parser.parse_args(arguments).check
    old = list(stale(pages))
    for page in old:
        if not check:
            page.file.parent.mkdir(parents=True, exist_ok=True)
            page.file.write_text(page.wanted(), "utf-8")
        sys.stderr.write(f"{'stale' if check else 'written'}: {page.path}\n")
    wrong = list(mistakes())
    for mistake in wrong:
        sys.stderr.write(f"error: {mistake}\n")
    if check and old:
        sys.stderr.write("hint: run `ci/docs` and commit what it writes\n")
    return 1 if wrong or (check and old) else 0


if __name__ == "__main__":
    sys.exit(main())
