"""What does a program print? `<!-- printed: STORY/NAME.py -->` becomes just that."""

import re
from html import escape

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = re.compile(r"^<!-- printed: (?P<path>[\w/.-]+\.py) -->$", re.MULTILINE)
OUTPUT = re.compile(r"^ *#> ?(.*)$", re.MULTILINE)

TERMINAL = """\
<figure class="printed">
<figcaption>$ uv run {name}</figcaption>
<pre><code>{lines}</code></pre>
</figure>"""


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by the command and the `#>` lines of the program.

    Raises PluginError where there is no such program or it has no output yet.
    """

    def terminal(match: re.Match[str]) -> str:
        path = included_examples.folder(config) / match["path"]
        lines = OUTPUT.findall(path.read_text()) if path.is_file() else []
        if not lines:
            raise PluginError(
                f"{page.file.src_uri} shows what examples/{match['path']} printed, "
                "but there is no such file, or no output in it"
            )
        return TERMINAL.format(name=path.name, lines=escape("\n".join(lines)))

    return MARKER.sub(terminal, markdown)
