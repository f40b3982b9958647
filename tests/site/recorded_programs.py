"""The programs that a page can play, run unedited by a browser, and what is wrong."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.story import printed
from tests.site.build import ROOT

# Python's start is ten seconds of work for a core, of which a busy machine gives a
# browser a small part: a program that takes as many seconds as this hangs.
HANGS = 600

# Each program in turn, in one Python. What it printed, and how it ended.
RUN_ALL = """
async ([address, programs, milliseconds]) => {
  const worker = new Worker(`${address}assets/python/worker.js`, { type: "module" });
  const done = [];
  for (const { program, story, name } of programs) {
    const file = `${address}assets/runs/${story}/${name.replace(/py$/, "json")}`;
    const recorded = await (await fetch(file)).json();
    const ran = { out: [], err: [] };
    worker.postMessage({ program, story, name, recorded, real: false });
    await new Promise((ended, broken) => {
      setTimeout(() => broken(new Error(`${story}/${name} hangs`)), milliseconds);
      worker.onerror = ({ message }) => broken(new Error(`worker.js: ${message}`));
      worker.onmessage = ({ data }) => {
        if ("out" in data) ran.out.push(data.out);
        if ("err" in data) ran.err.push(data.err);
        if ("code" in data || "failed" in data) ended(Object.assign(ran, data));
      };
    });
    done.push(ran);
  }
  worker.terminate();
  return done;
}
"""


def read(program: str) -> str:
    """The text of a program, by STORY/NN_name."""
    return (ROOT / "examples" / f"{program}.py").read_text()


def unlike_their_lines(
    evaluate: Callable[[str, Any], Any], address: str, recorded: list[str]
) -> list[str]:
    """What each program does that does not print its lines, and nothing else.

    A page of the site is open; `evaluate` calls a JavaScript function there.
    """
    programs: list[dict[str, str]] = []
    for path in recorded:
        story, name = path.split("/")
        programs.append({"program": read(path), "story": story, "name": f"{name}.py"})
    ended: list[dict[str, Any]] = evaluate(RUN_ALL, [address, programs, HANGS * 1000])
    wrong: list[str] = []
    for path, program, end in zip(recorded, programs, ended, strict=True):
        said = printed(program["program"])
        out = end["out"]
        # What isn't written by `print` differs from cluster to cluster.
        if "sys.stdout.write" in program["program"]:
            out = [line for line in out if line in said]
        if end.get("code") != 0 or out != said:
            wrong.append(f"{path}: {json.dumps(end, indent=1)}")
    return wrong
