"""Pages with programs that ran have one stamp, below their title."""

from pathlib import Path

from tests.site.build import ROOT
from tests.site.soups import soup

STORIES = sorted(p.parent for p in (ROOT / "examples").glob("*/setup.yaml"))
SYSTEMS = "distributions"
NOTEBOOKS = [p.name for p in (ROOT / "docs" / "notebooks").glob("*.ipynb")]


def test_pages_with_programs_that_ran_have_one_stamp_below_their_title(
    site: Path,
) -> None:
    names = {"", "how-this-site-is-tested/"}
    names |= {f"{story.name}/" for story in STORIES}
    names |= {f"notebooks/{name.removesuffix('.ipynb')}/" for name in NOTEBOOKS}
    # Those say of a system where the examples ran: test_distributions.py.
    pages = [p for p in site.rglob("index.html") if p.parent.parent.name != SYSTEMS]
    for path in pages:
        article = soup(path).select_one("article")
        assert article is not None
        stamps = article.select(".stamp")
        name = path.relative_to(site).as_posix().removesuffix("index.html")
        assert len(stamps) == (name in names), name
        if stamps and name:
            assert article.select("h1 + .stamp") == stamps, name
