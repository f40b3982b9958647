"""What stands around a program on a page: its name, copy, download, how to run it."""

import re
from pathlib import Path
from typing import NamedTuple

import included_examples
import repository
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from sandbox.story import SYSTEMS, Program

# A fence that holds a whole program and nothing else.
FENCE = re.compile(
    r"^(?P<fence>`{3,})[ ]*python[^\n]*\n"
    r"--8<-- \"(?P<story>[\w-]+)/(?P<name>[^\":]+\.py)\"\n"
    r"(?P=fence)$",
    re.MULTILINE,
)

# assets/copy.js has the button copy the text of the file.
BLOCK = """\
<figure class="program" id="{anchor}" markdown>
<figcaption class="program__bar">
<span class="program__name">{name}</span>{needs}
<button class="program__button" type="button" data-copy-program>Copy</button>
<a class="program__button" href="{download}" download>Download</a>{source}
</figcaption>

```python
--8<-- "{story}/{name}"
```

<p class="program__foot"><code>uv run {name}</code>
<a href="{tested}">{output}</a></p>
</figure>"""

# The same by other means: the files beside a program that have its name, as tabs. A tab
# needs no script, as each is a radio button.
# https://facelessuser.github.io/pymdown-extensions/extensions/blocks/plugins/tab/
TAB = """\
//// tab | {title}

{block}

////"""

OTHER = """\
<figure class="program program--other" id="{anchor}" markdown>
<figcaption class="program__bar">
<span class="program__name">{name}</span>
<button class="program__button" type="button" data-copy-program>Copy</button>
<a class="program__button" href="{download}" download>Download</a>{source}
</figcaption>

```{language}
--8<-- "{story}/{name}"
```

<p class="program__foot"><code>{command}</code>
<a href="{tested}#the-same-by-kubectl">{checked}</a></p>
</figure>"""


class Way(NamedTuple):
    """How a program's work can be done without it."""

    title: str
    language: str
    command: str
    checked: str


WAYS = {
    ".sh": Way(
        "kubectl",
        "bash",
        "bash {name}",
        "Marked lines are its output, and it leaves what the program leaves",
    ),
    ".yaml": Way(
        "YAML",
        "yaml",
        "kubectl create -f {name}",
        "The suite makes these objects of it, and compares them",
    ),
}

SOURCE = '\n<a class="program__button" href="{page}">Open on GitHub</a>'
NEEDS = '<span class="program__needs">needs {need}</span>'
OUTPUT = "Marked lines are its output, compared by the suite"
# The suite has no such system, and the page must not sound as if it had.
OUTPUT_ELSEWHERE = (
    "Marked lines are its output, compared by the suite, against a local server that "
    "speaks as {system} does; not against {system}"
)
STOPPED = '<span class="program__needs">with {stopped} stopped</span>'


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Put each program of the page into a figure."""
    folders: dict[str, tuple[Program, ...]] = {}

    def url(path: str) -> str:
        file = files.get_file_from_path(path)
        assert isinstance(file, File), f"{path} is not in the site"
        return file.url_relative_to(page.file)

    def source(path: str) -> str:
        page = repository.page_of(path, config)
        return SOURCE.format(page=page) if page else ""

    def block(match: re.Match[str]) -> str:
        name, folder = match["name"], match["story"]
        if folder not in folders:
            folders[folder] = included_examples.programs(
                config, folder, page.file.src_uri
            )
        program = next(p for p in folders[folder] if p.path.name == name)
        needs = sorted(program.needs)
        told = [NEEDS.format(need=SYSTEMS.get(need, need)) for need in needs]
        if program.stopped:
            told.append(STOPPED.format(stopped=" and ".join(program.stopped)))
        place, output = "#output", OUTPUT
        if program.system:
            place = "#programs-for-other-systems"
            output = OUTPUT_ELSEWHERE.format(system=SYSTEMS[program.system])
        own = BLOCK.format(
            name=name,
            anchor=included_examples.anchor(f"{folder}/{name}", page.file.src_uri),
            story=folder,
            needs="".join(told),
            download=url(f"examples/{folder}/{name}"),
            source=source(f"examples/{folder}/{name}"),
            tested=url("how-this-site-is-tested.md") + place,
            output=output,
        )
        others = [
            other(folder, program.path.with_suffix(suffix), way)
            for suffix, way in WAYS.items()
            if program.path.with_suffix(suffix).is_file()
        ]
        if not others:
            return own
        return "\n\n".join([TAB.format(title="Python", block=own), *others])

    def other(folder: str, path: Path, way: Way) -> str:
        """The tab of a file beside a program."""
        block = OTHER.format(
            name=path.name,
            anchor=path.name.replace(".", "-"),
            story=folder,
            language=way.language,
            download=url(f"examples/{folder}/{path.name}"),
            source=source(f"examples/{folder}/{path.name}"),
            command=way.command.format(name=path.name),
            tested=url("how-this-site-is-tested.md"),
            checked=way.checked,
        )
        return TAB.format(title=way.title, block=block)

    return FENCE.sub(block, markdown)
