"""What a reader's browser gets: titles, headings, links, programs, nothing foreign."""

import itertools
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from sandbox.story import IMAGES, SYSTEMS, load, programs
from tests.site.build import ROOT
from tests.site.soups import soup as parsed

# One worker parses all pages for them.
pytestmark = pytest.mark.xdist_group("pages")

PAGES = sorted(p for p in (ROOT / "docs").rglob("*") if p.suffix in (".md", ".ipynb"))
EXAMPLES = sorted(
    path
    for kind in ("py", "sh", "yaml")
    for path in ROOT.glob(f"examples/*/*.{kind}")
    if path.name != IMAGES
)

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda p: str(p.relative_to(ROOT))
)


def html_file(site: Path, page: Path) -> Path:
    name = page.relative_to(ROOT / "docs").with_suffix("")
    folder = name.parent if name.name == "index" else name
    return site / folder / "index.html"


@every_page
def test_page_has_a_title_a_description_and_headings_in_order(
    site: Path, page: Path
) -> None:
    soup = parsed(html_file(site, page))
    assert soup.title is not None
    # What more there is, a list of search results cuts off.
    assert 0 < len(soup.title.get_text().strip()) <= 70
    description = soup.select_one("head > meta[name=description]")
    assert description is not None
    # The page's own: without one, the theme takes the site's.
    if page.suffix == ".ipynb":
        about = json.loads(page.read_text())["metadata"]
    else:
        about = yaml.safe_load(page.read_text().split("---\n")[1])
    assert description["content"] == about.get("description")
    assert 50 <= len(str(description["content"])) <= 155
    levels = [int(h.name[1]) for h in soup.select("article :is(h1,h2,h3,h4,h5,h6)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    skipped = [b for a, b in itertools.pairwise(levels) if b > a + 1]
    assert not skipped, f"a heading of level {skipped} without one above it"


def test_titles_and_descriptions_are_told_apart(site: Path) -> None:
    soups = [parsed(html_file(site, page)) for page in PAGES]
    titles = [soup.title.get_text() for soup in soups if soup.title]
    assert len(set(titles)) == len(PAGES)
    descriptions = [soup.select_one("meta[name=description]") for soup in soups]
    assert len({str(tag["content"]) for tag in descriptions if tag}) == len(PAGES)


def test_every_link_leads_to_a_page_and_a_place_on_it(site: Path) -> None:
    """Within the site: mkdocs checks what Markdown links to, this what came out.

    lychee would do it too, but its package is a program of 318 MB.
    """
    soups = {path: parsed(path) for path in site.rglob("*.html")}
    # The page for what is not found has links from the server's root.
    soups.pop(site / "404.html")
    ids = {p: {str(t["id"]) for t in soup.select("[id]")} for p, soup in soups.items()}
    broken: list[str] = []
    for path, soup in soups.items():
        for tag in soup.select("[href], [src]"):
            link = str(tag.get("href") or tag.get("src"))
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if target.is_dir():
                target /= "index.html"
            fragment = unquote(url.fragment)
            if not target.is_file() or (fragment and fragment not in ids[target]):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert len(soups) == len(PAGES)
    assert not broken


def test_nothing_is_fetched_from_another_host(site: Path) -> None:
    """Links to other sites are for the reader to follow; the browser needs none."""
    fetched = "script[src], img[src], iframe[src], source[src], link[rel][href]"
    files = [p for p in site.rglob("*") if p.suffix in (".html", ".css")]
    foreign: list[str] = []
    for path in files:
        links = re.findall(r"url\(['\"]?([^)'\"]+)", path.read_text())
        if path.suffix == ".html":
            for tag in parsed(path).select(fetched):
                if tag.get("rel") not in (["canonical"], ["prev"], ["next"]):
                    links.append(str(tag.get("src") or tag.get("href")))
        else:
            links += re.findall(r"@import\s+['\"]([^'\"]+)", path.read_text())
        foreign += [
            f"{path.relative_to(site)}: {link}"
            for link in links
            if urlsplit(link).netloc
        ]
    assert any(p.suffix == ".css" for p in files)
    assert not foreign


def test_each_program_is_on_one_page_to_the_last_character(site: Path) -> None:
    shown = [
        (block.select_one("a[download]"), code_of(block))
        for page in PAGES
        for block in parsed(html_file(site, page)).select("figure.program")
    ]
    texts = {
        "/".join(str(link["href"]).split("/")[-2:]): code
        for link, code in shown
        if link
    }
    programs = {
        path.relative_to(ROOT / "examples").as_posix(): path.read_text()
        for path in EXAMPLES
        if path.name != "setup.yaml"
    }
    assert len(shown) == len(programs)
    assert texts == programs


def test_app_its_image_and_what_builds_it_are_on_their_page_whole(site: Path) -> None:
    soup = parsed(html_file(site, ROOT / "docs" / "your-own-app.md"))
    shown = [code.get_text() for code in soup.select("pre > code")]
    for name in ("app/main.py", "app/Dockerfile", IMAGES):
        assert (ROOT / "examples" / "your-own-app" / name).read_text() in shown, name


def code_of(figure: Tag) -> str:
    """The text of a program in its frame, with what is folded away."""
    return "".join(code.get_text() for code in figure.select("pre > code"))


def test_tabs_are_the_program_and_the_same_by_other_means(site: Path) -> None:
    others = {
        path.relative_to(ROOT / "examples").as_posix()
        for path in EXAMPLES
        if path.suffix != ".py" and path.name != "setup.yaml"
    }
    for page in PAGES:
        for tabs in parsed(html_file(site, page)).select(".tabbed-set"):
            files = [
                "/".join(str(link["href"]).split("/")[-2:])
                for link in tabs.select("a[download]")
            ]
            stem = files[0].removesuffix(".py")
            assert files in (
                [f"{stem}.py", f"{stem}.sh"],
                [f"{stem}.py", f"{stem}.sh", f"{stem}.yaml"],
            )
            labels = [label.get_text() for label in tabs.select("label")]
            assert labels == ["Python", "kubectl", "YAML"][: len(files)]
            others -= set(files)
    assert not others


def test_program_for_another_system_says_what_it_was_run_against(site: Path) -> None:
    others = {
        f"{program.path.parent.name}/{program.path.name}": SYSTEMS[program.system]
        for folder in {path.parent for path in EXAMPLES}
        for program in programs(folder)
        if program.system
    }
    assert others
    for page in PAGES:
        soup = parsed(html_file(site, page))
        for block in soup.select("figure.program"):
            (download,) = block.select("a[download]")
            (tested,) = block.select(".program__foot a")
            name = "/".join(str(download["href"]).split("/")[-2:])
            system = others.pop(name, None)
            assert ("speaks as" in tested.get_text()) == bool(system)
            if system:
                assert f"not against {system}" in tested.get_text()
                assert f"needs {system}" in block.get_text()
                # Nor does the page claim a run on a cluster of ours.
                assert not soup.select(".stamp")
    assert not others


def test_each_output_line_of_a_program_is_marked(site: Path) -> None:
    for page in PAGES:
        for figure in parsed(html_file(site, page)).select("figure.program"):
            lines = [x for x in code_of(figure).splitlines() if re.match(r" *#>", x)]
            marked = [
                line
                for output in figure.select(".output")
                for line in output.get_text().splitlines()
            ]
            assert marked == lines


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: str(p.relative_to(ROOT)))
def test_download_is_the_file(site: Path, path: Path) -> None:
    assert (site / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "setup", sorted(ROOT.glob("examples/*/setup.yaml")), ids=lambda p: p.parent.name
)
def test_page_shows_what_its_identity_may_do(site: Path, setup: Path) -> None:
    story = setup.parent.name
    soup = parsed(html_file(site, ROOT / "docs" / f"{story}.md"))
    assert_shows_rights(soup, setup)


def assert_shows_rights(soup: BeautifulSoup, setup: Path) -> None:
    """See that a page has a set-up whole, in a closed box, and its Roles in words."""
    box = soup.select_one("details.permissions:not([open]) pre code")
    assert box is not None
    assert box.get_text() == setup.read_text()
    permissions = soup.select_one("#permissions")
    assert permissions is not None, "the page has no block `/// run`"
    for manifest in yaml.safe_load_all(setup.read_text()):
        for rule in manifest.get("rules", []):
            verbs: list[str] = rule["verbs"]
            words = {READ_AS.get(verb, verb) for verb in verbs}
            for word in [*rule["resources"], *rule.get("resourceNames", []), *words]:
                assert word in permissions.get_text()


READ_AS = {
    "get": "read",
    "list": "read",
    "watch": "read",
    "patch": "change",
    "update": "change",
    "deletecollection": "delete",
}


# Stories of which no program, or not each, can be run on another driver.
ONLY_ON = {
    "architecture": "kwok",
    "drain": "kwok",
    "scale": "kwok",
    "traffic": "kind",
    "your-own-app": "kind",
}


@pytest.mark.parametrize(
    "setup", sorted(ROOT.glob("examples/*/setup.yaml")), ids=lambda p: p.parent.name
)
def test_page_says_how_to_run_it(site: Path, setup: Path) -> None:
    story = setup.parent
    soup = parsed(html_file(site, ROOT / "docs" / f"{story.name}.md"))
    box = soup.select_one("details#run-this-page:not([open])")
    assert box is not None, "the page has no block `/// run`"
    row = box.select_one("summary")
    assert row is not None
    assert row.get_text() == f"Run this page uv run sandbox run examples/{story.name}"
    blocks = [code.get_text() for code in box.select(":scope > :not(details) pre")]
    programs = load(story).programs
    driver = ONLY_ON.get(story.name)
    assert blocks[0].splitlines() == [
        f'eval "$(uv run sandbox up{f" --driver {driver}" if driver else ""})"',
        f"uv run sandbox run examples/{story.name}",
    ]
    # There, programs that need images of their own would all be skipped.
    if any("images" not in program.needs for program in programs):
        assert blocks.pop(1).splitlines() == [
            "uv run sandbox up --driver current --context NAME",
            f"uv run sandbox run examples/{story.name} --context NAME",
            "uv run sandbox down",
        ]
    # By `create`, which takes over nothing that is there; without what needs a
    # component to be stopped. tests/sandbox/test_harmless.py runs it.
    alone = [p for p in programs if not p.stopped and "components" not in p.needs]
    (by_hand,) = blocks[1:]
    assert by_hand.rstrip().split(" &&\n") == [
        f"cd examples/{story.name}",
        "kubectl create -f setup.yaml",
        *(f"uv run {program.path.name}" for program in alone),
        "kubectl delete -f setup.yaml",
    ]


def test_home_shows_what_was_lost_beside_the_replay_that_plays(site: Path) -> None:
    soup = parsed(site / "index.html")
    counts = json.loads((ROOT / "recordings/traffic.json").read_text())["counts"]
    lost = [tag.get_text() for tag in soup.select(".cause .lost dd")]
    assert lost == [
        f"{counts[name]['turned away'] + counts[name]['cut off']}"
        f" of {counts[name]['requests']:,}"
        for name in ["bare", "careful"]
    ]
    player = soup.select_one(".cause + .replay run-replay")
    assert player is not None
    assert player.has_attr("data-plays")


def test_home_leads_to_every_page_of_the_course(site: Path) -> None:
    """Those of the distributions and the notebooks' own sections lead on."""
    links = {str(a["href"]) for a in parsed(site / "index.html").select(".course a")}
    pages = {
        f"{path.stem}/" for path in (ROOT / "docs").glob("*.md") if path.stem != "index"
    }
    assert pages <= links
