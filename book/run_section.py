"""How a reader runs a page, and what it may do."""

from pathlib import Path
from typing import Any

from book import permissions
from book.site import View
from sandbox.story import IMAGES, Program, Story, is_notebook, load, script_metadata

NEEDS = {
    "metrics": (
        "Your cluster must serve `metrics.k8s.io`, which "
        "[metrics-server](https://github.com/kubernetes-sigs/metrics-server) does."
    ),
    "containers": "Your cluster must have nodes that run real containers.",
    "images": (
        f"Your cluster's nodes must have this page's images: `bash {IMAGES}` builds "
        "them and loads them into a kind cluster. For another cluster, push them to a "
        "registry, and put their full names into the programs."
    ),
    "simulated-nodes": (
        "[KWOK](https://kwok.sigs.k8s.io/) must add simulated nodes to your cluster."
    ),
    "audit-log": "You must be able to read your API server's audit log.",
}

AND = " &&\n"


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return the template "run" and its values, for a story, or the page's notebook.

    Raises UserError where it can't be read, or the build was told an address that is no
    repository.
    """
    path = Path(str(view.file.abs_src_path))
    notebook = path.name if is_notebook(path) else ""
    story = load(path if notebook else view.site.examples / argument)
    path = story.programs[0].path
    setup = path.with_suffix(".yaml") if notebook else path.with_name("setup.yaml")
    folder = "notebooks" if notebook else f"examples/{story.name}"
    needs = sorted({need for program in alone(story) for need in program.needs})
    return "run", {
        "story": story,
        "notebook": notebook,
        "path": f"docs/notebooks/{notebook}" if notebook else folder,
        "setup": setup.name,
        "setup_at": view.link(f"{folder}/{setup.name}"),
        "rights": setup.read_text(),
        "by_hand": by_hand(story),
        "outside": permissions.listed(permissions.outside(story)),
        "repository": view.site.repository,
        "source": notebook and view.site.source(f"docs/notebooks/{notebook}"),
        "driver": driver(story),
        "skipped": all("images" in program.needs for program in story.programs),
        "allowed": permissions.allowed(story),
        "stops": any(program.stopped for program in story.programs),
        "needs": [NEEDS[need] for need in needs],
    }


def driver(story: Story) -> str:
    """The driver for a story of which a part at least runs on that one only."""
    everywhere = frozenset[str].intersection(*(p.needs for p in story.programs))
    if "simulated-nodes" in everywhere or any(p.stopped for p in story.programs):
        return "kwok"
    return "kind" if everywhere & {"containers", "images"} else ""


def alone(story: Story) -> list[Program]:
    """The programs that run where nobody stops a component, or starts it again."""
    return [p for p in story.programs if not p.stopped and "components" not in p.needs]


def by_hand(story: Story) -> str:
    """What to type to run it with one's own rights.

    Each line runs only if those before it did their work. So the last one doesn't
    delete by name what the first couldn't create.
    """
    path = story.programs[0].path
    if is_notebook(path):
        packages = [*script_metadata(path)["dependencies"], "jupyterlab>=4"]
        listed = " \\\n  ".join(f'--with "{name}"' for name in packages)
        setup = path.with_suffix(".yaml").name
        start = []
        lines = [f"uv run --no-project {listed} \\\n  jupyter lab {path.name}"]
    else:
        setup = "setup.yaml"
        start = [f"cd examples/{story.name}"]
        lines = [f"uv run {program.path.name}" for program in alone(story)]
    create, delete = (f"kubectl {verb} -f {setup}" for verb in ("create", "delete"))
    return AND.join([*start, create, *lines, delete])
