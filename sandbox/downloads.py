"""Downloading the programs from where their projects publish them.

The places are those that kwokctl itself takes them from. Kubernetes, etcd and kind
publish checksums, which are compared; KWOK and metrics-server publish none.

SANDBOX_DOWNLOADS changes where: "off" downloads nothing, and an address such as
http://127.0.0.1:8080 is asked for what it mirrors, with the host as the first part of
the path (http://127.0.0.1:8080/dl.k8s.io/release/...).
"""

import hashlib
import os
import shutil
import tarfile
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.binaries import Module, architecture
from sandbox.errors import UserError
from sandbox.progress import say

_PROBE = 10.0
"""Seconds that a host has to answer at all, else the programs are built."""

_SILENCE = 30.0
"""Seconds without a byte after which a download has failed."""


@dataclass(frozen=True)
class _Source:
    """Where a program is published. `{version}`, `{program}`, `{arch}` are filled in.

    `checksum` is the address of a file with a SHA-256 sum, alone or before the name
    of the file it is for; `member` the program's path in a tar archive.
    """

    address: str
    checksum: str | None = None
    member: str | None = None


_SOURCES = {
    "etcd": _Source(
        "github.com/etcd-io/etcd/releases/download/{version}"
        "/etcd-{version}-linux-{arch}.tar.gz",
        checksum="github.com/etcd-io/etcd/releases/download/{version}/SHA256SUMS",
        member="etcd-{version}-linux-{arch}/etcd",
    ),
    "kwok": _Source(
        "github.com/kubernetes-sigs/kwok/releases/download/{version}"
        "/{program}-linux-{arch}"
    ),
    "kubernetes": _Source(
        "dl.k8s.io/release/{version}/bin/linux/{arch}/{program}",
        checksum="dl.k8s.io/release/{version}/bin/linux/{arch}/{program}.sha256",
    ),
    "metrics-server": _Source(
        "github.com/kubernetes-sigs/metrics-server/releases/download/{version}"
        "/metrics-server-linux-{arch}"
    ),
    "kind": _Source(
        "github.com/kubernetes-sigs/kind/releases/download/{version}/kind-linux-{arch}",
        checksum="github.com/kubernetes-sigs/kind/releases/download/{version}"
        "/kind-linux-{arch}.sha256sum",
    ),
}


def fetch(module: Module, target: Path, what: str) -> bool:
    """Downloads the programs of a module into the folder `target`.

    Returns False if they can't be had. Raises UserError if what came is not what
    was published: its checksum differs.
    """
    place = os.environ.get("SANDBOX_DOWNLOADS", "")
    source = _SOURCES[module.name]
    host = source.address.partition("/")[0]
    if place == "off":
        return False
    base = place.rstrip("/") + "/" if place else "https://"
    if not _answers(base + host):
        return False
    say(f"downloading {what} from {host}")
    for program in module.programs:
        try:
            _download(source, base, module.version, program, target)
        except (OSError, EOFError, KeyError, tarfile.TarError) as error:
            say(f"{program} can't be downloaded ({error})")
            return False
    return True


def _download(
    source: _Source, base: str, version: str, program: str, target: Path
) -> None:
    def filled(text: str) -> str:
        return text.format(version=version, program=program, arch=architecture())

    address = base + filled(source.address)
    file = target / f"{program}.download"
    digest = hashlib.sha256()
    with _open(address) as response, file.open("wb") as out:
        while block := response.read(1 << 20):
            digest.update(block)
            out.write(block)
    if source.checksum:
        with _open(base + filled(source.checksum)) as response:
            listed = response.read().decode()
        name = address.rpartition("/")[2]
        if digest.hexdigest() != _listed_sum(listed, name):
            raise UserError(
                f"{address} does not have the checksum that is published for it: try"
                " again later, or set SANDBOX_DOWNLOADS=off to build it"
            )
    if source.member:
        with tarfile.open(file) as archive:
            content = archive.extractfile(filled(source.member))
            if content is None:
                raise tarfile.TarError(f"{filled(source.member)} is not a file")
            with (target / program).open("wb") as out:
                shutil.copyfileobj(content, out)
        file.unlink()
    else:
        file.rename(target / program)
    # Some networks answer with a page of their own.
    with (target / program).open("rb") as program_file:
        if program_file.read(4) != b"\x7fELF":
            raise OSError("what came is not a program")
    (target / program).chmod(0o755)


def _listed_sum(listed: str, name: str) -> str | None:
    for line in listed.splitlines():
        words = line.split()
        # With a path, in kind's list.
        if len(words) == 1 or (words and words[-1].rpartition("/")[2] == name):
            return words[0]
    return None


def _open(address: str):
    request = urllib.request.Request(address, headers={"User-Agent": "sandbox"})
    return urllib.request.urlopen(request, timeout=_SILENCE)


@cache
def _answers(address: str) -> bool:
    """Whether the host says anything, be it an error, in a short time.

    Asked and told once.
    """
    answers = False

    def ask() -> None:
        nonlocal answers
        request = urllib.request.Request(address, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=_PROBE).close()
            answers = True
        except urllib.error.HTTPError:
            answers = True
        except OSError:
            pass

    # A thread, since looking up a name has no deadline of its own.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PROBE)
    if not answers:
        say(f"{address} does not answer, so nothing is downloaded from there")
    return answers
