"""Puts files where projects publish theirs, below a folder that is a mirror."""

import hashlib
import io
import tarfile
from pathlib import Path

from sandbox import modules

PROGRAM = b"\x7fELF and so on"


def everything(mirror: Path, arch: str) -> None:
    """All programs for one architecture."""
    kubernetes(mirror, arch=arch)
    without_sums(mirror, arch)

    version = modules.version("etcd")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo(f"etcd-{version}-linux-{arch}/etcd")
        member.size = len(PROGRAM)
        tar.addfile(member, io.BytesIO(PROGRAM))
    folder = _github("etcd-io/etcd", version)
    name = f"etcd-{version}-linux-{arch}.tar.gz"
    checksum = file(mirror, f"{folder}/{name}", archive.getvalue())
    sums = mirror / folder / "SHA256SUMS"
    listed = sums.read_bytes() if sums.exists() else f"{'0' * 64}  other\n".encode()
    file(mirror, f"{folder}/SHA256SUMS", listed + f"{checksum}  {name}\n".encode())

    folder = _github("kubernetes-sigs/kind", modules.version("kind"))
    checksum = file(mirror, f"{folder}/kind-linux-{arch}", PROGRAM)
    listed = f"{checksum}  bin/kind-linux-{arch}\n".encode()
    file(mirror, f"{folder}/kind-linux-{arch}.sha256sum", listed)


def kubernetes(
    mirror: Path, content: bytes = PROGRAM, arch: str = modules.architecture()
) -> None:
    """What Kubernetes publishes: a sum beside each program."""
    version = modules.version("kubernetes")
    folder = f"dl.k8s.io/release/{version}/bin/linux/{arch}"
    for name in ("apiserver", "controller-manager", "scheduler"):
        checksum = file(mirror, f"{folder}/kube-{name}", content)
        file(mirror, f"{folder}/kube-{name}.sha256", checksum.encode())
    checksum = file(mirror, f"{folder}/kubectl", content)
    file(mirror, f"{folder}/kubectl.sha256", checksum.encode())


def without_sums(mirror: Path, arch: str = modules.architecture()) -> None:
    """What KWOK and metrics-server publish: no sums."""
    for owner, name in (
        ("kwok", "kwok"),
        ("kwok", "kwokctl"),
        ("metrics-server", "metrics-server"),
    ):
        folder = _github(f"kubernetes-sigs/{owner}", modules.version(owner))
        file(mirror, f"{folder}/{name}-linux-{arch}", PROGRAM)


def file(mirror: Path, path: str, content: bytes) -> str:
    """Put a file there, and return its checksum."""
    target = mirror / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _github(project: str, version: str) -> str:
    return f"github.com/{project}/releases/download/{version}"
