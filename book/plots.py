"""Plots of notebooks, made to fit the page in light and in dark.

matplotlib draws in the colours of the light scheme, as a file that stands alone. In the
page a plot takes the colours and the font of the page, and is told in words.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup, escape

STYLE = Path(__file__).parents[1] / "site" / "theme" / "css" / "colours.css"
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
# What is for a file on its own; in a page, the style would be that of the whole page.
ALONE = {f"{SVG}metadata", f"{SVG}style", f"{SVG}title"}
NAMED = re.compile(r"(?<=#)[\w-]+(?=\))")
FONT = re.compile(r"font: ([\d.]+px)[^;]*")
LONG = re.compile(r"(\d\.\d)\d+")


def inline(svg: str, name: str) -> Markup:
    """Make an element of the page of a plot.

    Args:
        svg: the file that matplotlib made.
        name: tells it from the other plots of the page.
    """
    root = ElementTree.fromstring(svg)
    words = root.findtext(f".//{SVG}title") or ""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ALONE:
                parent.remove(child)
    variables, used = colours(), set[str]()
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        element.text = (element.text or "").strip()
        element.tail = None
        if LINK in element.attrib:
            element.attrib["href"] = element.attrib.pop(LINK)
        for key, value in element.attrib.items():
            if key == "href":
                used.add(value.removeprefix("#"))
                value = f"#{name}-{value.removeprefix('#')}"
            elif key != "id":
                used |= set(NAMED.findall(value))
                value = NAMED.sub(rf"{name}-\g<0>", value)
                value = FONT.sub(r"font-size: \1", LONG.sub(r"\1", value))
                for colour, variable in variables.items():
                    value = value.replace(colour, variable)
            element.attrib[key] = value
    for element in root.iter():
        if (own := element.attrib.pop("id", "")) in used:
            element.attrib["id"] = f"{name}-{own}"
    box = root.attrib["viewBox"]
    root.attrib.clear()
    inner = "".join(ElementTree.tostring(child, "unicode") for child in root)
    return Markup(
        '<div class="cell__plot" data-search-exclude>'
        f'<svg viewBox="{box}" role="img" aria-label="{escape(words)}">{inner}</svg>'
        "</div>"
    )


def colours() -> dict[str, str]:
    """The light scheme's colours, and the variable for each."""
    light = STYLE.read_text().partition("{")[2].partition("}")[0]
    variables = re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light)
    return {colour: f"var(--{name})" for name, colour in variables}
