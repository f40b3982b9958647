"""Which picture is shown where somebody shares a page? A card with its title.

Others can fetch it by an absolute address only, so without site_url there are none. The
theme's own plugin for this fetches its fonts from another host while it builds.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from PIL import Image, ImageDraw, ImageFont

# The package sets its names while it is imported, so that no type checker sees them.
_fonts: Any = import_module("font_source_sans_pro")
PLAIN: str = _fonts.SourceSansPro
BOLD: str = _fonts.SourceSansProBold

# What https://ogp.me/ calls og:image. Of this size, few who show it cut something off.
WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 88, 1112

# The colours are those of docs/assets/site.css, the mark is that of logo.svg.
PAPER, INK, SOFT, LINK, PROMPT = "#fcfbf8", "#1c2230", "#545c6b", "#0b5b62", "#f3b95f"
MARK = [
    ((9.6, 9), (8, 23)),
    ((15.6, 9), (14, 23)),
    ((6.4, 13.6), (17.6, 13.6)),
    ((6, 18.4), (17.2, 18.4)),
]
POINTER = ((21.4, 11), (26.4, 16), (21.4, 21))


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Draw the card of a page into the site, and name its address to the theme."""
    if not config.site_url:
        return context
    name = f"assets/cards/{Path(page.file.src_uri).with_suffix('.png').as_posix()}"
    target = Path(config.site_dir) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    section = next((each.title for each in page.ancestors), None)
    title = page.meta.get("title", page.title)
    about = page.meta["description"]
    card(config.site_name, section, title, about).save(target, optimize=True)
    context["card"] = f"{config.site_url.rstrip('/')}/{name}"
    return context


def card(site: str, section: str | None, title: str, about: str) -> Image.Image:
    """The picture: whose page it is, its title, and what it is about."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 20, HEIGHT), fill=LINK)
    image.paste(_mark(72), (LEFT, 72))
    said = f"{site}  /  {section}" if section else site
    draw.text((LEFT + 96, 108), said, SOFT, font(PLAIN, 34), anchor="lm")
    top = 196
    for line in wrapped(draw, title, font(BOLD, 76)):
        draw.text((LEFT, top), line, INK, font(BOLD, 76))
        top += 86
    top += 28
    for line in wrapped(draw, about, font(PLAIN, 36)):
        draw.text((LEFT, top), line, SOFT, font(PLAIN, 36))
        top += 48
    return image.quantize(256)  # a third of the bytes, and looks the same


@cache
def font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of the package font-source-sans-pro, read once."""
    return ImageFont.truetype(path, size)


def wrapped(
    draw: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont
) -> list[str]:
    """The lines of a text that is set between the margins."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, face) <= RIGHT - LEFT:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _mark(size: int) -> Image.Image:
    """The logo. Drawn four times as large, so that its edges are smooth."""
    scale = 4 * size / 32
    image = Image.new("RGB", (4 * size, 4 * size), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, 4 * size - 1, 4 * size - 1), 8 * scale, LINK)
    for colour, strokes in (("#fff", MARK), (PROMPT, [POINTER])):
        for points in strokes:
            line = [(x * scale, y * scale) for x, y in points]
            draw.line(line, colour, round(2.4 * scale), "curve")
            for x, y in line:
                draw.circle((x, y), 1.2 * scale, colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)
