"""The command line: `sandbox up`, `down`, `status`, `run` and the others.

What a shell is to evaluate goes to stdout, everything else to stderr.
"""

import argparse
import contextlib
import shlex
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sandbox import drivers, lifecycle
from sandbox.cluster import Cluster
from sandbox.errors import UserError
from sandbox.progress import say

_ENVIRONMENT = """\
environment:
  SANDBOX_NODE_IMAGE    kind's node image, like --node-image
  SANDBOX_KIND_CONFIG   kind's configuration, like --config
  SANDBOX_DOWNLOADS     a mirror to download programs from; "off" builds them all
  SANDBOX_MIN_FREE_MB   the free disk space to require, in MB; 0 requires none
  SANDBOX_AUDIT_LOG     the audit log of your own cluster, for the driver current
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Returns 0, 2 for a user's mistake, 130 for an interruption.

    Where a shell is to evaluate what it prints, that fails if the command has failed.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    code = 1
    try:
        code = _run_command(arguments)
    finally:
        if code and arguments[:1] in (["up"], ["env"]):
            with contextlib.suppress(OSError):
                print("false", flush=True)
    return code


def _run_command(arguments: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except UserError as error:
        say(str(error))
        return 2
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        say(f"{error.strerror or error}{place}")
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sandbox",
        description="A throwaway Kubernetes cluster on this machine.",
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True)

    up = commands.add_parser(
        "up",
        help="create a cluster, or say that it already exists",
        description='Use it as: eval "$(sandbox up)"',
    )
    up.add_argument(
        "--driver",
        metavar="NAME",
        help="kwok, kind or current; default: kind if Docker answers, else kwok",
    )
    for option, arguments in drivers.options():
        up.add_argument(drivers.flag(option), **arguments)
    up.set_defaults(command=_up)

    down = commands.add_parser(
        "down", help="remove a cluster and everything that belongs to it"
    )
    down.set_defaults(command=_down)

    status = commands.add_parser(
        "status", help="show one sandbox, or all of them without --name"
    )
    status.set_defaults(command=_status)

    env = commands.add_parser("env", help="print the same line as `sandbox up`")
    env.set_defaults(command=_env)

    fetch = commands.add_parser(
        "fetch", help="download or build every program that a sandbox needs"
    )
    fetch.set_defaults(command=_fetch)

    run = commands.add_parser(
        "run", help="run the programs of a story, as its ServiceAccount"
    )
    run.add_argument(
        "place",
        type=Path,
        help="such as examples/deployments; JupyterLab opens a notebook",
    )
    run.set_defaults(command=_run)

    stop = commands.add_parser(
        "stop", help="stop a component of the control plane (driver kwok)"
    )
    stop.set_defaults(command=_stop)
    start = commands.add_parser("start", help="start a component that was stopped")
    start.set_defaults(command=_start)
    for command in (stop, start):
        command.add_argument("component", help="such as kube-scheduler")

    for command in (env, run):
        command.add_argument(
            "--context",
            metavar="NAME",
            help="your own cluster's context, each time (driver current)",
        )
    for command in (up, down, status, env, run, stop, start):
        default = None if command is status else lifecycle.DEFAULT
        command.add_argument(
            "--name", default=default, help="default: %(default)s" if default else None
        )
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other mistake is told."""

    def error(self, message: str) -> NoReturn:
        say(f"{message}: see `{self.prog} --help`")
        self.exit(2)


def _up(options: argparse.Namespace) -> int:
    asked = {option: getattr(options, option) for option, _ in drivers.options()}
    cluster = lifecycle.up(options.name, options.driver, **asked)
    _print_export(cluster)
    return 0


def _down(options: argparse.Namespace) -> int:
    if lifecycle.down(options.name):
        say(f"{options.name} is gone")
    else:
        say(f"there is no sandbox {options.name}")
    return 0


def _env(options: argparse.Namespace) -> int:
    cluster = _existing(options.name)
    lifecycle.require_named(cluster, options.context)
    _print_export(cluster)
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from sandbox import binaries

    binaries.fetch_all()
    say("every program is ready")
    return 0


def _run(options: argparse.Namespace) -> int:
    cluster = _existing(options.name)
    lifecycle.require_named(cluster, options.context)
    from sandbox import run

    run.run_story(cluster, options.place)
    return 0


def _stop(options: argparse.Namespace) -> int:
    lifecycle.stop(options.component, options.name)
    say(f"{options.component} is stopped")
    return 0


def _start(options: argparse.Namespace) -> int:
    lifecycle.start(options.component, options.name)
    say(f"{options.component} is running again")
    return 0


def _status(options: argparse.Namespace) -> int:
    names = lifecycle.names()
    if options.name:
        if options.name not in names:
            raise _missing(options.name)
        names = [options.name]
    if not names:
        say("there is no sandbox: `sandbox up` creates one")
        return 0
    rows = [("NAME", "DRIVER", "KUBERNETES", "NODES", "AGE", "STATE")]
    rows += [_row(name) for name in names]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _row(name: str) -> tuple[str, ...]:
    try:
        cluster = lifecycle.find(name)
        condition = lifecycle.condition(name)
    except UserError as error:
        cluster, condition = None, str(error)
    if cluster is None:
        return (name, "?", "?", "?", "?", condition)
    age = _age(datetime.now(UTC) - cluster.created)
    nodes = str(cluster.nodes)
    condition += lifecycle.where(cluster)
    return (name, cluster.driver, cluster.kubernetes, nodes, age, condition)


def _age(age: timedelta) -> str:
    minutes, seconds = divmod(max(0, int(age.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours}h"
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def _existing(name: str) -> Cluster:
    cluster = lifecycle.find(name)
    if cluster is None:
        raise _missing(name)
    return cluster


def _missing(name: str) -> UserError:
    return UserError(f"there is no sandbox {name}: run `sandbox up --name {name}`")


def _print_export(cluster: Cluster) -> None:
    variables = (f"{k}={shlex.quote(v)}" for k, v in cluster.environment.items())
    print("export", *variables, flush=True)
