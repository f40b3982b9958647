"""`make new-kubernetes VERSION=1.38.0`: change each place where the version stands.

For maintainers. What is said of a version, as opposed to what names it, has to be read
by somebody: the last lines say where.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from tests.test_versions import NOT_READ, is_listed

ROOT = Path(__file__).parent.parent
MODULE = Path("sandbox/from_source/go/kubernetes/go.mod")
CLIENT = re.compile(r"kubernetes>=\d+,<\d+")
SOURCE = re.compile(r"github\.com/kubernetes/[a-z-]+/(?:blob|tree)/v[\d.]+")
SECONDS = 600

BY_HAND = """\
What is left to do:
  make digests           the sums of what is downloaded, and the node image of {minor}
  make test              a program that is red prints something else now
  make test PYTEST_ARGS=--record
                         the recorded runs, which name the version that they are from
  facts/claims.yaml, facts/distributions.yaml
                         what they say, and the day it was checked
"""


class Mistake(Exception):
    """A user's mistake, told in one line."""


def pinned(tree: Path) -> str:
    """The version of Kubernetes that the tree has, such as "1.37.2"."""
    match = re.search(r"k8s\.io/kubernetes v(\S+)", (tree / MODULE).read_text())
    if not match:
        raise Mistake(f"{MODULE} does not require k8s.io/kubernetes: restore it")
    return match[1]


def rewrite(tree: Path, version: str) -> list[str]:
    """Change what names the version, and return the files with links to source.

    A client of Python has Kubernetes' minor version as its major one:
    https://github.com/kubernetes-client/python#compatibility
    """
    before = pinned(tree)
    minor = int(version.split(".")[1])
    patch = version.partition(".")[2]
    named = re.compile(
        rf"(?<![\d.])(v?)(?:{re.escape(before)}|"
        rf"0\.{re.escape(before.partition('.')[2])})(?![\d.]*\d)"
    )
    client = f"kubernetes>={minor},<{minor + 1}"
    to_read: list[str] = []
    listed = subprocess.check_output(
        ["git", "ls-files"], cwd=tree, text=True, timeout=60
    )
    for name in listed.splitlines():
        try:
            text = (tree / name).read_text()
        except UnicodeDecodeError:
            continue
        new = CLIENT.sub(client, text)
        if not is_listed(name, NOT_READ):
            new = named.sub(
                lambda match: (
                    f"{match[1]}{'0.' + patch if '0.' in match[0][:3] else version}"
                ),
                new,
            )
            if SOURCE.search(new):
                to_read.append(name)
        if new != text:
            (tree / name).write_text(new)
    return to_read


def require_modules(tree: Path, version: str, go: list[str]) -> None:
    """Have go.mod replace each of Kubernetes' staging modules, and write go.sum.

    A version of Kubernetes may have modules that the one before had not.
    """

    def run(*words: str) -> str:
        done = subprocess.run(
            [*go, *words],
            cwd=(tree / MODULE).parent,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise Mistake(f"go {words[0]} failed: {''.join(last)}")
        return done.stdout

    module = json.loads(
        run("mod", "download", "-json", f"k8s.io/kubernetes@v{version}")
    )
    theirs = json.loads(run("mod", "edit", "-json", module["GoMod"]))
    staged = f"v0.{version.partition('.')[2]}"
    edits = [
        f"-replace={each['Path']}={each['Path']}@{staged}"
        for each in theirs["Require"]
        if each["Version"] == "v0.0.0"
    ]
    run("mod", "edit", f"-require=k8s.io/kubernetes@v{version}", *edits)
    run("mod", "tidy")


def main() -> int:
    """Change the tree in place, or leave it as it is and say why."""
    parser = argparse.ArgumentParser(prog="new_kubernetes", description=__doc__)
    parser.add_argument("version", help="such as 1.38.0")
    parser.add_argument("--tree", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    tree, version = options.tree, options.version
    try:
        if not re.fullmatch(r"1\.\d+\.\d+", version):
            raise Mistake(f"VERSION={version} is none: write it as 1.38.0")
        if subprocess.check_output(
            ["git", "status", "--porcelain"], cwd=tree, text=True, timeout=60
        ):
            raise Mistake("there are changes that are not committed: commit them first")
        before = pinned(tree)
        go = [
            "uv",
            "run",
            "--locked",
            "--project",
            str(ROOT),
            "--only-group",
            "go",
            "go",
        ]
        try:
            require_modules(tree, version, go)
            to_read = rewrite(tree, version)
            subprocess.run(
                ["uv", "lock", "--quiet"], cwd=tree, check=True, timeout=SECONDS
            )
        except (Mistake, subprocess.CalledProcessError):
            subprocess.run(
                ["git", "checkout", "--quiet", "."], cwd=tree, check=True, timeout=60
            )
            raise
    except Mistake as mistake:
        print(f"new_kubernetes: {mistake}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"new_kubernetes: {error}: nothing was changed", file=sys.stderr)
        return 2
    print(f"From Kubernetes {before} to {version}; git diff shows what has changed.")
    print(BY_HAND.format(minor=version.rpartition(".")[0]), end="")
    print("  " + "\n  ".join(sorted(to_read)))
    print("                         link to Kubernetes' source: is it still so there?")
    return 0


if __name__ == "__main__":
    sys.exit(main())
