"""How can the site be read without a network? `make offline` builds it for file://.

Material's plugin for that wants a script from another host, by which the search runs
where there are no workers; ours is assets/iframe-worker.js. In offline.md,
`<!-- archive -->` becomes a link to the archive, where the site has an address, and
`<!-- llms -->` one to the list of pages for tools.
"""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

PAGE = "offline.md"
ARCHIVE = "kubernetes-overview.zip"
DOWNLOAD = (
    "Download [{name}]({site}{name}), unpack it, and open `index.html` in a browser."
)
BUILT = (
    "Build it in a clone of this site's repository, and open `index.html` in a browser."
)


@event_priority(100)
def on_config(config: MkDocsConfig) -> None:
    """Name our script before the plugin looks for one."""
    offline = config.plugins.get("material/offline")
    if offline is not None and offline.config["enabled"]:
        config.extra["polyfills"] = ["assets/iframe-worker.js"]


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Say where the archive is: the workflow that publishes the site puts it there."""
    if page.file.src_uri != PAGE:
        return markdown
    site = config.site_url
    archive = DOWNLOAD.format(name=ARCHIVE, site=site) if site else BUILT
    llms = f'<a href="{get_relative_url("llms.txt", page.url)}">llms.txt</a>'
    return markdown.replace("<!-- archive -->", archive).replace("<!-- llms -->", llms)
