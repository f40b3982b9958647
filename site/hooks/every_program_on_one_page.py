"""Does every program stand on exactly one page, and does every include exist?

A missing file ends the build at once: the page cannot be rendered. The rest are
warnings, so that a strict build fails and names all of them.
"""

import logging
from collections import defaultdict

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

log = logging.getLogger("mkdocs.hooks.every_program_on_one_page")


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Compare the files under examples/ with what the pages include."""
    root = included_examples.folder(config)
    missing: list[str] = []
    pages: dict[str, list[str]] = defaultdict(list)
    for page in files.documentation_pages():
        for include in included_examples.includes(page.content_string):
            place = f"docs/{page.src_uri}:{include.line}"
            if not (root / include.path).is_file():
                missing.append(
                    f"{place} includes examples/{include.path}, which does not exist"
                )
            elif include.whole:
                pages[include.path].append(place)
    if missing:
        raise PluginError("\n".join(missing))

    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        if not folder.is_dir() or folder.name.startswith((".", "__")):
            continue
        programs = [p.relative_to(root).as_posix() for p in folder.glob("*.py")]
        if not any(path in pages for path in programs):
            log.warning(
                "examples/%s: no page includes its programs; write docs/%s.md",
                folder.name,
                folder.name,
            )
            continue
        for path in sorted(programs):
            if path not in pages:
                log.warning("examples/%s: no page includes it", path)
            elif len(pages[path]) > 1:
                log.warning(
                    "examples/%s: included more than once, by %s",
                    path,
                    " and ".join(pages[path]),
                )
