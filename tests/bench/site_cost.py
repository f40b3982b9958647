"""How long does a page take to build, and how many bytes does a reader fetch?"""

import gzip
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from urllib.parse import urldefrag, urljoin, urlsplit

from tests.bench.row import Row
from tests.site.build import build

ROUNDS = 3
ORIGIN = "http://site.invalid/"
SEARCH_FORM = ("assets/search.js", "assets/search.css")
SEARCH = (
    "assets/javascripts/bundle.*.js",
    "assets/javascripts/workers/search.*.js",
    "search/search_index.json",
)
COMPRESSED = {".png", ".jpg", ".webp", ".woff2"}


def build_rows(tree: Path, site_dir: Path) -> list[Row]:
    """Build the site of a tree into `site_dir`, some times.

    Each build is a process of its own, as of `make site`: it starts Python and reads
    all packages. Nothing is kept from one build for the next.
    """
    seconds = median(build_seconds(tree, site_dir) for _ in range(ROUNDS))
    pages = len(page_paths(site_dir))
    return [
        Row(
            "building the site",
            "<= 8 s",
            f"{seconds:.1f} s",
            f"{pages} pages, start of Python included, median of {ROUNDS} builds",
        )
    ]


def build_seconds(tree: Path, site_dir: Path) -> float:
    """How long the build of a tree takes, in a process of its own."""
    started = time.monotonic()
    done = build(tree, site_dir)
    seconds = time.monotonic() - started
    if done.returncode:
        raise RuntimeError(done.stderr)
    return seconds


def page_paths(site_dir: Path) -> list[Path]:
    """The pages of a built site, home page first."""
    return sorted(
        (p for p in site_dir.rglob("*.html") if p.name != "404.html"),
        key=lambda path: (len(path.parts), path),
    )


@dataclass(frozen=True)
class Weight:
    """Bytes on the wire, gzipped, of a page and of what it fetches."""

    page: str
    painted: int
    """Its HTML, which has its styles in it."""
    js: int
    images: int
    later: int
    """For paper, and the form of the search: once the page is done."""
    search: int
    """The scripts that search, and the index: once the search is opened."""

    @property
    def first_visit(self) -> int:
        """The page with everything it fetches by itself, nothing being cached."""
        return self.painted + self.js + self.images + self.later


def weights(site_dir: Path) -> list[Weight]:
    """Weigh each page of a built site."""
    return [weigh(site_dir, path) for path in page_paths(site_dir)]


def weigh(site_dir: Path, path: Path) -> Weight:
    """Weigh a page of a built site."""
    name = path.relative_to(site_dir).as_posix().removesuffix("index.html")
    linked = references(path)

    def fetched(urls: set[str]) -> int:
        absolute = {urldefrag(urljoin(ORIGIN + name, url)).url for url in urls}
        local = {url for url in absolute if url.startswith(ORIGIN)}
        return sum(_on_the_wire(site_dir / urlsplit(u).path[1:]) for u in local)

    def sum_of(patterns: tuple[str, ...]) -> int:
        paths = [path for pattern in patterns for path in site_dir.glob(pattern)]
        return sum(map(_on_the_wire, paths))

    return Weight(
        page=name or "(home)",
        painted=_on_the_wire(path),
        js=fetched(linked.js),
        images=fetched(linked.images),
        later=fetched(linked.css) + sum_of(SEARCH_FORM),
        search=sum_of(SEARCH),
    )


def references(path: Path) -> "References":
    """What a browser fetches for a page."""
    parser = References()
    parser.feed(path.read_text())
    return parser


def _on_the_wire(path: Path) -> int:
    data = path.read_bytes()
    return len(data if path.suffix in COMPRESSED else gzip.compress(data, mtime=0))


@dataclass
class References(HTMLParser):
    """Collects what a browser fetches for a page, as the page writes it."""

    css: set[str] = field(default_factory=set[str])
    holding_up: set[str] = field(default_factory=set[str])
    """Scripts and sheets that a browser waits for before it goes on."""
    js: set[str] = field(default_factory=set[str])
    images: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        relations = values.get("rel", "").split()
        if tag == "link" and "stylesheet" in relations:
            self.css.add(values["href"])
            if values.get("media") != "print":
                self.holding_up.add(values["href"])
        if tag == "link" and "icon" in relations:
            self.images.add(values["href"])
        if tag == "script" and "src" in values:
            self.js.add(values["src"])
            if not {"defer", "async"} & set(values) and values.get("type") != "module":
                self.holding_up.add(values["src"])
        if tag == "img" and not values["src"].startswith("data:"):
            self.images.add(values["src"])
