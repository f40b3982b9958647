"""How does a reader run a page, and what may it do? `<!-- run: STORY -->` says both.

Two command lines and what the programs may do are in sight. Whatever only some readers
want is in closed boxes of one line each, so that the page itself begins soon.
"""

import re

import included_examples
import permissions
import repository
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sandbox.story import Program, Story

MARKER = re.compile(r"^<!-- run: (?P<story>[\w-]+) -->$", re.MULTILINE)

# Links to #permissions were made when that was a section of its own.
SECTION = """\
{where}

```sh
eval "$(uv run sandbox up{driver})"
uv run sandbox run examples/{name}
```

The programs run as the ServiceAccount `{service_account}`. {summary}
{{ #permissions }}

??? note "What the two lines do"

    The first line starts a throwaway cluster on your machine and points `KUBECONFIG` at
    it; the first time, it fetches or builds the control plane, which can take minutes.
    The second applies `setup.yaml` as administrator, runs the programs in order as that
    ServiceAccount, and deletes everything again. `uv run sandbox down` removes the
    cluster.{stops}

??? note "Run it on a cluster of your own"

    ```sh
    cd examples/{name}
    kubectl apply -f setup.yaml
{programs}
    kubectl delete -f setup.yaml
    ```

    The programs use the current context of your kubeconfig, so here they run with your
    own permissions. {touched}{needs}{leave_out}

??? permissions "Each right, in setup.yaml"

    ```yaml
    --8<-- "{name}/setup.yaml"
    ```

    [Download setup.yaml](examples/{name}/setup.yaml){{ download }}
"""

CLONE = "{start} a clone of this site's repository, with [uv]({uv}) installed:"

BROWSER = "[Run it in your browser tab]({codespace}), {there}, or "
THERE = "where a sandbox is up and the second line is enough"
THERE_DOWN = "with `uv run sandbox down` first, for another one is up there"

TOUCHED = """\
They touch nothing outside the Namespace `{namespace}`, which `setup.yaml` creates and
    the last line deletes."""

TOUCHED_ELSEWHERE = """\
`setup.yaml` creates the Namespace `{namespace}`, and the last line deletes it. What the
    programs touch elsewhere is what the ClusterRole names."""

STOPS = """

    Some of the programs look at a cluster of which a part is stopped. `sandbox run`
    stops that part before such a program, and starts it again when the program has
    ended, be it by an error; so it takes a cluster that nobody else is using. Only a
    sandbox with the driver kwok can do that; others leave these programs out, and say
    so."""

LEAVE_OUT = """

    Leave out the programs for which something is to be stopped. That needs an
    administrator, and takes the part away from everybody who uses the cluster."""

UV = "https://docs.astral.sh/uv/getting-started/installation/"


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by the two lines that run the page, and what belongs to it."""

    def section(match: re.Match[str]) -> str:
        story = included_examples.story(config, match["story"], page.file.src_uri)
        needs = sorted({need for program in story.programs for need in program.needs})
        stops = any(program.stopped for program in story.programs)
        return SECTION.format(
            where=where(story, config),
            name=story.name,
            service_account=story.service_account,
            summary=permissions.summary(story),
            programs="\n".join(f"    {command(p)}" for p in story.programs),
            needs="".join(f" {NEEDS[need]}" for need in needs),
            driver=driver(story),
            touched=touched(story),
            stops=STOPS if stops else "",
            leave_out=LEAVE_OUT if stops else "",
        )

    return MARKER.sub(section, markdown)


def where(story: Story, config: MkDocsConfig) -> str:
    """Where a reader types the two lines. Raises PluginError as `repository` does."""
    codespace = repository.codespace(config)
    if not codespace:
        return CLONE.format(start="In", uv=UV)
    there = THERE_DOWN if "kwok" in driver(story) else THERE
    browser = BROWSER.format(codespace=codespace, there=there)
    return browser + CLONE.format(start="in", uv=UV)


def driver(story: Story) -> str:
    """The option for a story of which a part at least runs on one driver only."""
    everywhere = frozenset[str].intersection(*(p.needs for p in story.programs))
    if "simulated-nodes" in everywhere or any(p.stopped for p in story.programs):
        return " --driver kwok"
    return " --driver kind" if "containers" in everywhere else ""


def touched(story: Story) -> str:
    """Where the programs work, in a cluster that is not a sandbox."""
    elsewhere = any(manifest["kind"] == "ClusterRole" for manifest in story.setup)
    text = TOUCHED_ELSEWHERE if elsewhere else TOUCHED
    return text.format(namespace=story.namespace)


def command(program: Program) -> str:
    """What to type, and what has to be stopped meanwhile."""
    typed = f"uv run {program.path.name}"
    stopped = " and ".join(program.stopped)
    return f"{typed}  # with {stopped} stopped" if stopped else typed


NEEDS = {
    "metrics": (
        "Your cluster must serve `metrics.k8s.io`, which "
        "[metrics-server](https://github.com/kubernetes-sigs/metrics-server) does."
    ),
    "containers": "Its nodes must run real containers.",
    "simulated-nodes": (
        "[KWOK](https://kwok.sigs.k8s.io/) must play nodes in it, as in the sandbox."
    ),
    "components": "What an earlier program found stopped must be at work again.",
    "audit-log": "You must be able to read its API server's audit log.",
}
