"""How a reader runs a page, and what it may do."""

from typing import Any

from book import permissions, repository
from book.site import View
from sandbox.story import IMAGES, Program, Story, is_notebook, script_metadata

NEEDS = {
    "metrics": (
        "Your cluster must serve `metrics.k8s.io`, which "
        "[metrics-server](https://github.com/kubernetes-sigs/metrics-server) does."
    ),
    "containers": "Your cluster's own nodes must run real containers.",
    "images": (
        f"Your cluster's nodes must have this page's images: `bash {IMAGES}` builds "
        "them and loads them into a kind cluster. For another cluster, push them to a "
        "registry, put their full names into the programs, and run the lines above by "
        "hand: `sandbox run` skips programs that need your images."
    ),
    "simulated-nodes": (
        "Your cluster must also have [KWOK](https://kwok.sigs.k8s.io/), which adds "
        "simulated nodes."
    ),
    "audit-log": "You must be able to read your API server's audit log.",
}

AND = " &&\n"


def section(view: View, story: Story) -> dict[str, Any]:
    """The values of the template "run", for a story or a notebook.

    Raises PluginError where the build was told an address that is no repository.
    """
    path = story.programs[0].path
    notebook = path.name if is_notebook(path) else ""
    setup = path.with_suffix(".yaml") if notebook else path.with_name("setup.yaml")
    needs = sorted({need for program in alone(story) for need in program.needs})
    return {
        "view": view,
        "story": story,
        "notebook": notebook,
        "path": f"docs/notebooks/{notebook}" if notebook else f"examples/{story.name}",
        "setup": setup.name,
        "setup_at": view.link(
            f"notebooks/{setup.name}"
            if notebook
            else f"examples/{story.name}/setup.yaml"
        ),
        "rights": setup.read_text(),
        "by_hand": by_hand(story),
        "outside": permissions.listed(permissions.outside(story)),
        "codespace": repository.codespace(view.site.config),
        "repository": repository.name(view.site.config),
        "source": notebook and view.site.source(f"docs/notebooks/{notebook}"),
        "driver": driver(story),
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
