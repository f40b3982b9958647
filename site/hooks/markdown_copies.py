"""What does a page say in Markdown? A copy beside its HTML: rollouts/index.md.

It is made from what the page has become, so that programs, tables and notebooks are in
it as a reader sees them. For people who give pages to tools: theme/main.html names the
copy in its page, theme/llms.txt lists all.
"""

import re
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from kept import kept
from markdownify import ATX, MarkdownConverter
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

# For the hand and the eye: what text has no use for. Of a replay, its table stays.
LEFT_OUT = (
    "a.headerlink, a.claim-mark, button, input, script, style, link, template, "
    ".tabbed-labels, .replay__scene, .replay__charts, .replay__headline, .replay__clock"
)
LANGUAGE = re.compile(r"language-(\w+)")


def on_page_context(
    context: dict[str, object], page: Page, config: MkDocsConfig, nav: Navigation
) -> None:
    """Write the copy; what is in .cache stays where the page is as it was."""
    html, address = page.content or "", page.canonical_url or ""
    name = f"{page.file.dest_uri.removesuffix('.html')}.md"
    text = kept(
        config, f"markdown/{name}", [html, address], lambda: markdown(html, address)
    )
    target = Path(config.site_dir) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def markdown(html: str, address: str) -> str:
    """The content of a page in Markdown; with an address, its links are whole."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(LEFT_OUT):
        tag.decompose()
    for tag in soup.select("a[href]"):
        tag["href"] = urljoin(address, str(tag["href"]))
    for tag in soup.select(".admonition"):
        tag.name = "blockquote"
    for tag in soup.select(".admonition-title, summary"):
        tag.name = "strong"
        tag.wrap(soup.new_tag("p"))
    made = Copy(heading_style=ATX, bullets="-", escape_underscores=False)
    return made.convert_soup(soup).strip() + "\n"


class Copy(MarkdownConverter):
    """Markdown of the elements of these pages that others don't have."""

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A fence around the text as it is, to the last byte."""
        code = el.get_text()
        if "td" in parent_tags or "th" in parent_tags:
            return " ".join(f"`{line}`" for line in code.splitlines() if line)
        ticks = max((len(run) for run in re.findall("`+", code)), default=0)
        fence = "`" * max(3, ticks + 1)
        end = "" if code.endswith("\n") else "\n"
        return f"\n\n{fence}{language(el)}\n{code}{end}{fence}\n\n"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A title, with its links, on one line."""
        return f"\n\n{' '.join(text.split())}\n\n"

    def convert_svg(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """What a picture shows, where it is told in words."""
        label = el.get("aria-label")
        return f" *Picture: {label}* " if label else ""


def language(block: Tag) -> str:
    """The language of a block of code, or nothing."""
    around = block.find_parent(class_="highlight")
    if around is None:
        return ""
    found = LANGUAGE.search(" ".join(around.get("class") or []))
    # Of a notebook's cells, mkdocs-jupyter says nothing.
    return found[1] if found else "python" if block.find_parent(class_="cell") else ""
