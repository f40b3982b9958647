"""Print each measurement beside its target, as Markdown. It judges nothing."""

import os
import platform
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import sandbox_cost, site_cost, suite_time
from tests.site.build import copy

ROOT = Path(__file__).parents[2]

WEIGHTS = """
Kilobytes on the wire, gzipped. Target: what a page is painted from, 20 for text; all
that a first visit fetches, 60. A further page costs its HTML alone. The search is
fetched when it is opened.
"""


def main() -> None:
    """Measure everything, then print two tables."""
    print("Measuring; it takes about two minutes.", file=sys.stderr, flush=True)
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site_rows = site_cost.build_rows(copy(Path(folder) / "tree"), site)
        weights = site_cost.weights(site)
    rows = [
        *sandbox_cost.rows(),
        *suite_time.rows(ROOT / "build" / "last-run.json"),
        *site_rows,
    ]
    print(f"{date.today()}: {machine()}\n")
    print("| what | target | measured | how |")
    print("| --- | --- | ---: | --- |")
    for row in rows:
        print(f"| {row.what} | {row.target} | {row.measured} | {row.note} |")
    print(WEIGHTS)
    print("| page | HTML with styles | JavaScript | images | later | all | search |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for weight in weights:
        sizes = (
            weight.painted,
            weight.js,
            weight.images,
            weight.later,
            weight.first_visit,
            weight.search,
        )
        print(
            f"| {weight.page} | " + " | ".join(f"{s / 1000:.1f}" for s in sizes) + " |"
        )


def machine() -> str:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{os.cpu_count()} cores, {memory / 2**30:.0f} GiB of memory, "
        f"{platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
