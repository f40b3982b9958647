"""How does a plot of a notebook fit the page, in light and in dark?

matplotlib draws it in the colours of the light scheme, as a file that stands alone. In
the page it takes the colours and the font of the page, and is told in words.
"""

import base64
import re
from functools import lru_cache
from html import escape, unescape
from pathlib import Path

STYLE = Path(__file__).parents[1] / "theme" / "css" / "colours.css"
PREFIX = "data:image/svg+xml;base64,"

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What is for a file on its own; in a page, the style would be that of the whole page.
ALONE = re.compile(
    r"<metadata>.*?</metadata>|<style\b.*?</style>|<title>.*?</title>|<!--.*?-->"
    r"|(?<=\n)\s+",
    re.DOTALL,
)
NAMED = re.compile(r"""(?:url\(|href=")#([\w-]+)""")
ID = re.compile(r'\s+id="([^"]*)"')
FONT = re.compile(r"font: ([\d.]+px)[^;\"]*")
LONG = re.compile(r"(\d\.\d)\d+")


def inline(source: str, name: str) -> str:
    """The SVG of an image's data URL as an element of the page.

    `name` tells it from the other plots of the page.
    """
    svg = base64.b64decode(source.removeprefix(PREFIX)).decode()
    title = TITLE.search(svg)
    words = unescape(title[1]) if title else ""
    svg = ALONE.sub("", svg[svg.index("<svg") :])
    named = set(NAMED.findall(svg))
    svg = ID.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in named else "", svg)
    svg = NAMED.sub(lambda m: m[0].replace("#", f"#{name}-"), svg)
    svg = FONT.sub(r"font-size: \1", svg)
    svg = LONG.sub(r"\1", svg)
    for colour, variable in colours().items():
        svg = svg.replace(colour, variable)
    inner = svg[svg.index(">") + 1 :]
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None, "a plot without a size"
    return (
        '<div class="cell__plot" data-search-exclude>'
        f'<svg {box[0]} role="img" aria-label="{escape(words)}">{inner}</div>'
    )


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """The light scheme's colours, and the variable for each."""
    light = STYLE.read_text().partition("{")[2].partition("}")[0]
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light)
    return {colour: f"var(--{name})" for name, colour in found}
