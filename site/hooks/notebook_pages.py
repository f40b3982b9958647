"""How does a notebook become a page like the others? mkdocs-jupyter renders it.

It brings half a megabyte of styles and scripts, some from other hosts: they are left
out. Cells become the blocks of code and output that the other pages have.
`<!-- run -->` becomes what it is on a story's page.
"""

import json
import logging
import posixpath
from datetime import date
from html import escape
from pathlib import Path
from textwrap import indent
from urllib.parse import urlsplit

import notebook_plots
import permissions
import repository
from bs4 import BeautifulSoup, Tag
from kept import kept, listed
from last_run import DRIVERS
from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from run_this_page import NEEDS, driver, where

from sandbox.errors import UserError
from sandbox.story import Story, load, script_metadata

log = logging.getLogger("mkdocs.hooks.notebook_pages")

RUN = """\
{where}

```sh
eval "$(uv run sandbox up{driver})"
uv run sandbox run {path}
```

The notebook runs as the ServiceAccount `{service_account}`. {summary}
{{ #permissions }}

??? note "What the two lines do"

    The first line starts a throwaway cluster on your machine; the first time, it
    fetches or builds the control plane, which can take minutes. The second applies
    `{setup}` as administrator and opens the notebook in
    [JupyterLab](https://jupyterlab.readthedocs.io/) as that ServiceAccount. There,
    choose *Run > Run All Cells*. When you end JupyterLab, by ^C in the terminal,
    everything is deleted again. `uv run sandbox down` removes the cluster.

??? note "Run it on a cluster of your own"

    Download [{name}]({name}){{ download }} and [{setup}]({setup_at}){{ download }}.
    {source}

    ```sh
    kubectl apply -f {setup}
    uv run --no-project {packages} \\
      jupyter lab {name}
    kubectl delete -f {setup}
    ```

    The notebook uses the current context of your kubeconfig, so here it runs with your
    own permissions.{needs}

??? permissions "Each right, in {setup}"

    ```yaml
{text}
    ```

    [Download {setup}]({setup_at}){{ download }}
"""


def is_notebook(page: Page) -> bool:
    """Whether the source of this page is a notebook."""
    return page.file.src_uri.endswith(".ipynb")


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Take a notebook's description from its metadata, where a page has front matter.

    mkdocs-jupyter reads the file itself. What MkDocs takes for Markdown here is JSON,
    and no other hook has anything to look for in it. Raises PluginError if it is not.
    """
    if not is_notebook(page):
        return markdown
    try:
        about = json.loads(markdown)["metadata"]
    except (ValueError, KeyError) as error:
        raise PluginError(f"{page.file.src_uri}: not a notebook: {error}") from None
    page.meta["description"] = about.get("description", "")
    return ""


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take the cells out of what mkdocs-jupyter has made, and nothing else.

    Raises PluginError where the notebook or its set-up cannot be read.
    """
    if not is_notebook(page):
        return html
    path = Path(str(page.file.abs_src_path))
    try:
        story = load(path)
    except UserError as error:
        raise PluginError(str(error)) from None
    # What stands before the cells is for a page that has no style of its own.
    cells = html[html.index('<div class="jupyter-wrapper">') :]
    notebook, plots = path.read_text(), notebook_plots.STYLE.read_text()
    made_from = [cells, notebook, plots, page.file.src_uri, listed(files)]
    name = f"notebooks/{path.name}.html"
    content = kept(config, name, made_from, lambda: _content(cells, path, page, files))
    markdown = Markdown(
        extensions=config.markdown_extensions, extension_configs=config.mdx_configs
    )
    setup = url(path.with_suffix(".yaml").name, page, files)
    return content.replace("<!-- run -->", markdown.convert(run(story, setup, config)))


def _content(cells: str, path: Path, page: Page, files: Files) -> str:
    """The cells of a notebook, each as the other pages have such."""
    soup = BeautifulSoup(cells, "html.parser")
    parts: list[str] = []
    for cell in soup.select(".jp-MarkdownCell, .jp-CodeCell[id]"):
        if "jp-MarkdownCell" in cell["class"]:
            parts.append(text(cell, page, files))
        else:
            parts.append(code(cell, len(parts), recorded(path)))
    return "\n".join(parts)


def text(cell: Tag, page: Page, files: Files) -> str:
    """A cell of text, with this site's links, headings and blocks of code."""
    made = cell.select_one(".jp-RenderedMarkdown")
    assert made is not None
    for link in made.select("a.anchor-link"):
        link["class"] = "headerlink"
        link["title"] = "Link to this section"
        link.string = "#"
    for link in made.select("a[href]"):
        link["href"] = url(str(link["href"]), page, files)
    for block in made.select("div.highlight > pre"):
        inner = block.decode_contents().removeprefix("<span></span>")
        block.replace_with(
            BeautifulSoup(f"<pre><code>{inner}</code></pre>", "html.parser")
        )
    return made.decode_contents().strip()


def url(link: str, page: Page, files: Files) -> str:
    """Where a link leads on the site that names a source file, as in Markdown."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path:
        return link
    here = posixpath.dirname(page.file.src_uri)
    target = files.get_file_from_path(posixpath.normpath(f"{here}/{parts.path}"))
    if target is None:
        log.warning("%s: links to %s, which is missing", page.file.src_uri, link)
        return link
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return target.url_relative_to(page.file) + fragment


def recorded(path: Path) -> str:
    """When and where the outputs of a notebook were made, in a line below its plot."""
    about = json.loads(path.read_text())["metadata"]["recorded"]
    day = date.fromisoformat(about["date"])
    return (
        f'<figcaption>Recorded <time datetime="{day}">{day.day} {day:%B %Y}</time> on '
        f"Kubernetes {about['kubernetes'].removeprefix('v')}, "
        f"{DRIVERS[about['driver']]}, on a machine of {about['cores']} cores and "
        f"{about['memory_gib']} GiB.</figcaption>"
    )


def code(cell: Tag, number: int, when: str) -> str:
    """A cell of code and its outputs. The code of a plot is folded away.

    `when` is put below a plot.
    """
    source = cell.select_one(".highlight-ipynb > pre")
    assert source is not None
    inner = source.decode_contents().removeprefix("<span></span>")
    block = f'<div class="highlight"><pre><code>{inner}</code></pre></div>'
    outputs: list[str] = []
    plots = 0
    for output in cell.select(".jp-OutputArea-output"):
        if image := output.select_one("img"):
            outputs.append(notebook_plots.inline(str(image["src"]), f"plot-{number}"))
            plots += 1
        else:
            printed = escape(output.get_text().strip("\n"))
            outputs.append(
                f'<div class="cell__output"><pre><code>{printed}\n</code></pre></div>'
            )
    if plots:
        outputs.append(when)
        lines = source.get_text().count("\n")
        block = (
            f"<details><summary>The code of the plot: {lines} lines</summary>"
            f"{block}</details>"
        )
    return f'<figure class="cell">{block}{"".join(outputs)}</figure>'


def run(story: Story, setup_at: str, config: MkDocsConfig) -> str:
    """How a reader runs a notebook, in Markdown. `setup_at` leads to its set-up."""
    path = story.programs[0].path
    setup = path.with_suffix(".yaml")
    needs = sorted(story.programs[0].needs)
    source = repository.page_of(f"docs/notebooks/{path.name}", config)
    packages = [*script_metadata(path)["dependencies"], "jupyterlab>=4"]
    return RUN.format(
        where=where(story, config),
        driver=driver(story),
        path=f"docs/notebooks/{path.name}",
        name=path.name,
        setup=setup.name,
        setup_at=setup_at,
        service_account=story.service_account,
        summary=permissions.summary(story),
        text=indent(setup.read_text().rstrip("\n"), "    "),
        packages=" \\\n      ".join(f'--with "{name}"' for name in packages),
        needs="".join(f" {NEEDS[need]}" for need in needs),
        source=f"[Open {path.name} on GitHub]({source})." if source else "",
    )
