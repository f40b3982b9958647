"""What was there at each moment of a recorded run? Pods in their places, and steps.

Made from a part of a story's recording, which the suite writes. A moment is a time at
which something changed, by its number; all that a replay shows is a list of values,
each from a moment on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from math import ceil, floor
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

Fields = dict[str, Any]
Objects = dict[tuple[str, str], Fields]
Value = TypeVar("Value")

HPA = "HorizontalPodAutoscaler"

# https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
RESOURCE = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/[^/]+(?:/namespaces/[^/]+(?=/.))?"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<subresource>[^/]+))?)?"
)
# https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Request(NamedTuple):
    """A request of a program, and the line of it that sent it. `at` is in ms."""

    at: int
    program: str
    line: int
    verb: str
    resource: str
    name: str
    status: int


class Change(NamedTuple):
    """What is new about an object, or None when it is gone. `at` is in ms."""

    at: int
    kind: str
    name: str
    fields: Fields | None


class Recorded(TypedDict):
    """What any recording says of where and when it was made."""

    kubernetes: str
    driver: str
    date: str
    cores: int
    memory_gib: int


class Recording(Recorded):
    """What a replay needs of it; `ran` has each program's start and end in ms."""

    ran: list[tuple[str, int, int]]
    requests: list[Request]
    changes: list[Change]


class Tile(NamedTuple):
    """What is in a place: a state, a Pod's name, and the state in words; or nothing."""

    state: str = "none"
    name: str = ""
    word: str = ""


class Step(NamedTuple):
    """A line of the list: who did what. `line` is that of the program `who`, or 0."""

    moment: int
    kind: str
    who: str
    line: int
    what: str


class Track(Generic[Value]):
    """The values of one thing, each from a moment on."""

    def __init__(self, value: Value) -> None:
        self.values: list[tuple[int, Value]] = [(0, value)]

    def put(self, moment: int, value: Value) -> None:
        """Have this value from a moment on."""
        if self.values[-1][0] == moment:
            self.values[-1] = (moment, value)
        elif self.values[-1][1] != value:
            self.values.append((moment, value))

    def at(self, moment: int) -> Value:
        """The value at a moment."""
        return [value for since, value in self.values if since <= moment][-1]


@dataclass
class Group:
    """Places for the Pods of a ReplicaSet, or on a node, and what is said of it."""

    title: str
    about: Track[str]
    places: list[Track[Tile]] = field(default_factory=list[Track[Tile]])
    taken: dict[str, int] = field(default_factory=dict[str, int])

    def show(self, moment: int, tiles: dict[str, Tile]) -> None:
        """Put these Pods into places: each into its own, a new one into a free one."""
        for pod in [pod for pod in self.taken if pod not in tiles]:
            self.places[self.taken.pop(pod)].put(moment, Tile())
        for pod, tile in tiles.items():
            if pod not in self.taken:
                used = self.taken.values()
                free = (n for n in range(len(self.places)) if n not in used)
                self.taken[pod] = next(free, len(self.places))
                if self.taken[pod] == len(self.places):
                    self.places.append(Track(Tile()))
            self.places[self.taken[pod]].put(moment, tile)


@dataclass
class Gauge:
    """A number over time, and a bound that it has."""

    title: str
    unit: str
    numbers: Track[int | None]
    bound: int | None
    bound_is: str

    @property
    def top(self) -> int:
        """The highest number or bound."""
        numbers = [number for _, number in self.numbers.values if number is not None]
        return max([*numbers, self.bound or 0, 1])


@dataclass
class Scene:
    """A part of a run. `times` has the ms of each moment after the part's start.

    `began` has the same of each program in it.
    """

    times: list[int]
    headline: Track[str]
    groups: list[Group]
    gauges: list[Gauge]
    steps: list[Step]
    began: dict[str, int] = field(default_factory=dict[str, int])

    def telling_moment(self) -> int:
        """The moment with the most to see at a time; of several, the longest."""

        def to_see(moment: int) -> tuple[int, int]:
            seen = {
                (number, tile.state, tile.word)
                for number, group in enumerate(self.groups)
                for tile in (place.at(moment) for place in group.places)
                if tile.state != "none"
            }
            after = self.times[moment + 1 : moment + 2] or self.times[moment:]
            return len(seen), after[0] - self.times[moment]

        return max(range(len(self.times)), key=to_see)


def read(recording: Any) -> Recording:
    """What a replay needs of a story's recording, in ms since its first program began.

    Of the requests, that is those that change something, unless they were forbidden.
    """
    programs = {n: p for n, p in recording["programs"].items() if "start" in p}
    zero = min(program["start"] for program in programs.values())
    started = {n: round((p["start"] - zero) * 1000) for n, p in programs.items()}
    named: Any = {key: recording[key] for key in Recorded.__annotations__}
    named["ran"] = [
        (name, started[name], started[name] + round(program["seconds"] * 1000))
        for name, program in programs.items()
    ]
    named["requests"] = [
        request(name, started[name], each)
        for name, program in programs.items()
        for each in program["exchanges"]
        if each["method"] != "GET" and each["status"] not in (0, HTTPStatus.FORBIDDEN)
    ]
    named["changes"] = [Change(*row) for row in recording["changes"]]
    return named


def request(program: str, started: int, exchange: Any) -> Request:
    """A recorded request in RBAC's words: its verb, its resource, the object's name."""
    asked = RESOURCE.fullmatch(exchange["path"])
    if asked is None:
        raise ValueError(f"{exchange['path']} is no object's path")
    resource = "/".join(filter(None, asked.group("resource", "subresource")))
    group = f".{asked['group']}" if asked["group"] else ""
    verb = VERBS[exchange["method"]]
    if verb == "delete" and not asked["name"]:
        verb = "deletecollection"
    return Request(
        started + exchange["at"],
        program,
        exchange["line"],
        verb,
        resource + group,
        asked["name"] or "",
        exchange["status"],
    )


def scene(recording: Recording, programs: list[str], by_node: bool) -> Scene:
    """The part of a recording in which these programs ran, up to the next one."""
    names = [name for name, _, _ in recording["ran"]]
    first, last = names.index(programs[0]), names.index(programs[-1])
    start, end = recording["ran"][first][1], recording["ran"][last][2]
    following = [begin for _, begin, _ in recording["ran"][last + 1 :]]
    limit = following[0] if following else float("inf")
    objects: Objects = {}
    changes: list[Change] = []
    for change in recording["changes"]:
        if change.at < start:
            apply(change, objects)
        elif change.at < limit:
            changes.append(change)
    requests = [r for r in recording["requests"] if start <= r.at < limit]
    end = max([end, *(change.at for change in changes)])
    times = sorted({start, end, *(c.at for c in changes), *(r.at for r in requests)})
    of = {time: number for number, time in enumerate(times)}

    before = objects
    snapshots: list[Objects] = []
    steps = [Step(of[r.at], "sent", r.program, r.line, asked(r)) for r in requests]
    for time in times:
        now = dict(before)
        for change in (c for c in changes if c.at == time):
            was = now.get((change.kind, change.name))
            apply(change, now)
            steps += steps_of(
                of[time], change, was, now.get((change.kind, change.name))
            )
        snapshots.append(now)
        before = now
    steps.sort(key=lambda step: step.moment)
    return Scene(
        [time - start for time in times],
        headline(snapshots, touched(snapshots)),
        grouped(snapshots, by_node),
        gauges(snapshots),
        steps,
        {name: begin - start for name, begin, _ in recording["ran"][first : last + 1]},
    )


def apply(change: Change, objects: Objects) -> None:
    """Bring a change about, in place."""
    key = change.kind, change.name
    if change.fields is None:
        objects.pop(key, None)
    else:
        objects[key] = objects.get(key, {}) | change.fields


def deployment_of(pod: Fields, objects: Objects) -> str:
    """The Deployment of a Pod, by its ReplicaSet; empty if it has none."""
    return str(objects.get(("ReplicaSet", pod["owner"]), {}).get("owner", ""))


def touched(snapshots: list[Objects]) -> set[str]:
    """The Deployments of which a Pod came, changed or went."""

    def pods(objects: Objects) -> dict[str, Fields]:
        return {name: f for (kind, name), f in objects.items() if kind == "Pod"}

    deployments: set[str] = set()
    for before, after in pairwise(snapshots):
        then, now = pods(before), pods(after)
        for name in then.keys() | now.keys():
            if then.get(name) != now.get(name):
                pod = now.get(name) or then[name]
                deployments.add(deployment_of(pod, {**before, **after}))
    return deployments


def of_kind(snapshots: list[Objects], kind: str) -> list[str]:
    """The names of all objects of a kind, in the order in which they came."""
    return list(
        dict.fromkeys(
            name
            for objects in snapshots
            for its_kind, name in objects
            if its_kind == kind
        )
    )


def headline(snapshots: list[Objects], deployments: Iterable[str]) -> Track[str]:
    """What the Deployment, and an autoscaler, say of themselves."""
    names = sorted(name for name in deployments if name)
    track = Track("")
    for moment, objects in enumerate(snapshots):
        lines: list[str] = []
        for name in names:
            web = objects.get(("Deployment", name))
            if web is None:
                lines.append(f"Deployment {name}: none")
                continue
            lines.append(
                f"Deployment {name}: {web['wanted']} wanted, {web['updated']} of the "
                f"newest template, {web['available']} available"
            )
            if web["reason"]:
                lines.append(f"Progressing: {web['progressing']}, {web['reason']}")
        for (kind, name), hpa in objects.items():
            if kind == HPA:
                lines.append(
                    f"Autoscaler {name}: {hpa['wanted']} wanted, of {hpa['least']} to "
                    f"{hpa['most']}"
                )
        track.put(moment, "\n".join(lines))
    return track


def grouped(snapshots: list[Objects], by_node: bool) -> list[Group]:
    """The Pods of those Deployments that are touched, by ReplicaSet or by node."""
    shown = touched(snapshots)
    kind = "Node" if by_node else "ReplicaSet"
    groups: dict[str, Group] = {}
    for moment, objects in enumerate(snapshots):
        tiles: dict[str, dict[str, Tile]] = {}
        for (its_kind, name), pod in objects.items():
            if its_kind == "Pod" and deployment_of(pod, objects) in shown:
                place = pod["node"] if by_node else pod["owner"]
                tiles.setdefault(place, {})[name] = tile(name, pod)
        owned = {
            name
            for (its_kind, name), fields in objects.items()
            if its_kind == kind and (by_node or fields["owner"] in shown)
        }
        for place in [*tiles, *sorted(owned - tiles.keys())]:
            if place not in groups:
                title = place or ("on no node yet" if by_node else "of no ReplicaSet")
                groups[place] = Group(title, Track(""))
        for place, group in groups.items():
            group.show(moment, tiles.get(place, {}))
            fields = objects.get((kind, place))
            about = "" if fields is None else node(fields) if by_node else set_(fields)
            group.about.put(moment, about or ("gone" if place and moment else ""))
    order = of_kind(snapshots, kind)
    named = sorted(groups, key=lambda p: order.index(p) if p in order else -1)
    return [groups[place] for place in named if groups[place].places]


def tile(name: str, pod: Fields) -> Tile:
    """A Pod's state, the end of its name, and the state in words."""
    if pod["going"]:
        state, word = "terminating", "Terminating"
    elif pod["waiting"] or pod["phase"] == "Failed":
        state, word = "failed", pod["waiting"] or "Failed"
    elif pod["ready"]:
        state, word = "ready", f"Ready, {pod['cpu']} CPU" if pod["cpu"] else "Ready"
    elif pod["phase"] == "Running":
        state, word = "running", "Not ready"
    else:
        state, word = "pending", "Pending"
    return Tile(state, name.rpartition("-")[2], word)


def set_(fields: Fields) -> str:
    """What is said of a ReplicaSet."""
    return (
        f"revision {fields['revision']}, {fields['image']}: "
        f"{fields['wanted']} wanted, {fields['available']} available"
    )


def node(fields: Fields) -> str:
    """What is said of a node."""
    taints = [taint.rpartition("/")[2] for taint in fields["taints"]]
    ready = f"Ready: {fields['ready'] or 'Unknown'}"
    return f"{ready}, tainted {' and '.join(taints)}" if taints else ready


def gauges(snapshots: list[Objects]) -> list[Gauge]:
    """Ready Pods over time, and what an autoscaler measured."""
    shown = touched(snapshots)
    ready = Track[int | None](0)
    use = Track[int | None](None)
    bounds: set[int] = set()
    targets: set[int] = set()
    for moment, objects in enumerate(snapshots):
        pods = [
            pod
            for (kind, _), pod in objects.items()
            if kind == "Pod" and deployment_of(pod, objects) in shown
        ]
        ready.put(moment, sum(pod["ready"] and not pod["going"] for pod in pods))
        for (kind, name), fields in objects.items():
            if kind == "Deployment" and name in shown:
                bounds.add(fields["wanted"] - missing(fields))
            if kind == HPA:
                use.put(moment, fields["measured"])
                targets.add(fields["target"])
    # A bound that moves is none to show.
    least = bounds.pop() if len(bounds) == 1 else None
    sets = {
        name
        for objects in snapshots
        for (kind, name), fields in objects.items()
        if kind == "ReplicaSet" and fields["owner"] in shown
    }
    all_gauges = [
        Gauge("Pods ready", "", ready, least if len(sets) > 1 else None, "at least")
    ]
    if targets:
        all_gauges.append(Gauge("CPU, of requests", " %", use, targets.pop(), "target"))
    return all_gauges


def missing(deployment: Fields) -> int:
    """How many Pods may be unavailable while a Deployment is updated."""
    allowed, extra = deployment["unavailable"], deployment["surge"]

    def number(value: int | str, whole: Any) -> int:
        if isinstance(value, int):
            return value
        return int(whole(deployment["wanted"] * int(value.rstrip("%")) / 100))

    # Both can't be 0, so then one may be missing.
    return number(allowed, floor) or int(number(extra, ceil) == 0)


def asked(request: Request) -> str:
    """A request in words, and what became of it if it was refused."""
    name = f" {request.name}" if request.name else ""
    refused = request.status >= 400
    phrase = HTTPStatus(request.status).phrase if refused else ""
    answer = f", refused: {request.status} {phrase}" if refused else ""
    return f"{request.verb} {request.resource}{name}{answer}"


def steps_of(
    moment: int, change: Change, was: Fields | None, now: Fields | None
) -> list[Step]:
    """The lines that a change is worth: what no Event says is said here."""

    def step(what: str, kind: str = "changed") -> list[Step]:
        return [Step(moment, kind, f"{change.kind} {change.name}", 0, what)]

    if now is None:
        return [] if change.kind == "ReplicaSet" else step("is gone")
    before = was or {}
    new = {key for key in now if before.get(key) != now[key]}
    match change.kind:
        case "Event":
            kind = "warned" if now["type"] == "Warning" else "told"
            times = f" ({now['count']} times)" if now["count"] > 1 else ""
            about = now["about"].replace("/", " ")
            about = "" if about.partition(" ")[2] in now["message"] else f", {about}"
            what = f"{now['reason']}{about}: {now['message']}{times}"
            return [Step(moment, kind, now["by"], 0, what)]
        case "Pod" if "ready" in new and was:
            if now["ready"]:
                return step("is ready", "ready")
            return [] if now["going"] else step("is not ready any more", "warned")
        case "Pod" if "cpu" in new and now["cpu"]:
            return step(f"reports {now['cpu']} of CPU")
        case "Deployment" if "reason" in new and now["reason"] in TELLING:
            warned = now["progressing"] == "False"
            what = f"Progressing: {now['progressing']}, {now['reason']}"
            return step(what, "warned" if warned else "ready")
        case "Node" if "ready" in new and now["ready"]:
            kind = "ready" if now["ready"] == "True" else "warned"
            return step(f"Ready: {now['ready']}", kind)
        case "Node" if "taints" in new and set(now["taints"]) - set(
            before.get("taints", [])
        ):
            added = set(now["taints"]) - set(before.get("taints", []))
            return step(f"tainted {' and '.join(sorted(added))}", "warned")
        case "HorizontalPodAutoscaler" if was:
            parts = [
                f"{title}: {now[key]}"
                for key, title in CONDITIONS.items()
                if key in new
            ]
            if "measured" in new and now["measured"] is not None:
                parts.insert(0, f"measures {now['measured']} % CPU")
            if "wanted" in new:
                parts.insert(0, f"wants {now['wanted']} Pods")
            return step(", ".join(parts)) if parts else []
        case _:
            return []


# The other reasons of the condition Progressing say only that it goes on.
TELLING = {"ProgressDeadlineExceeded", "NewReplicaSetAvailable"}

CONDITIONS = {
    "able": "AbleToScale",
    "active": "ScalingActive",
    "limited": "ScalingLimited",
}
