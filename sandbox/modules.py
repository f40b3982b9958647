"""Which programs a sandbox is made of, in which version, and where each is published.

The versions are those of the go.mod files under `from_source/go/`, and stand nowhere
else. The places are those that kwokctl itself takes the programs from.
"""

import platform
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox import folders
from sandbox.errors import UserError

GO_MODULES = Path(__file__).parent / "from_source" / "go"

ARCHITECTURES = ("amd64", "arm64")


@dataclass(frozen=True, eq=False)
class Module:
    """A Go module with the programs that are wanted from it.

    `name` is its folder under GO_MODULES, `path` the module which that folder's go.mod
    pins, `programs` maps a program to the package that it is built from.

    `published` is the address of a program without its scheme, `checksums` that of a
    file with its SHA-256 sum, alone or before the file's name, where its project has
    one. `member` is the program's path in a tar archive. `{version}`, `{program}` and
    `{arch}` are filled in.
    """

    name: str
    path: str
    programs: dict[str, str]
    published: str
    checksums: str | None = None
    member: str | None = None

    @property
    def version(self) -> str:
        """The pinned version, such as "v1.2.3"."""
        file = GO_MODULES / self.name / "go.mod"
        try:
            text = file.read_text()
        except OSError:
            raise UserError(
                f"{file} is missing: the sandbox runs from a clone of its repository"
            ) from None
        pin = rf"^(?:require)?\s+{re.escape(self.path)} (v\S+)"
        match = re.search(pin, text, re.MULTILINE)
        if not match:
            raise UserError(f"{file} does not require {self.path}: restore the file")
        return match[1]

    @property
    def folder(self) -> Path:
        """Where its programs are once they are there; absent until then."""
        return folders.cache() / "bin" / architecture() / f"{self.name}-{self.version}"

    def filled(self, template: str, program: str, arch: str) -> str:
        """One of the templates, for one program on one architecture."""
        return template.format(version=self.version, program=program, arch=arch)


_KIND = "github.com/kubernetes-sigs/kind/releases/download/{version}/kind-linux-{arch}"
_KUBERNETES = "dl.k8s.io/release/{version}/bin/linux/{arch}/{program}"
_ETCD = "github.com/etcd-io/etcd/releases/download/{version}"

MODULES = (
    Module(
        "etcd",
        "go.etcd.io/etcd/server/v3",
        {"etcd": "go.etcd.io/etcd/server/v3"},
        published=f"{_ETCD}/etcd-{{version}}-linux-{{arch}}.tar.gz",
        checksums=f"{_ETCD}/SHA256SUMS",
        member="etcd-{version}-linux-{arch}/etcd",
    ),
    Module(
        "kwok",
        "sigs.k8s.io/kwok",
        {
            "kwok": "sigs.k8s.io/kwok/cmd/kwok",
            "kwokctl": "sigs.k8s.io/kwok/cmd/kwokctl",
        },
        published="github.com/kubernetes-sigs/kwok/releases/download/{version}"
        "/{program}-linux-{arch}",
    ),
    Module(
        "kubernetes",
        "k8s.io/kubernetes",
        {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl",
        },
        published=_KUBERNETES,
        checksums=f"{_KUBERNETES}.sha256",
    ),
    Module(
        "metrics-server",
        "sigs.k8s.io/metrics-server",
        {"metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server"},
        published="github.com/kubernetes-sigs/metrics-server/releases/download"
        "/{version}/metrics-server-linux-{arch}",
    ),
    Module(
        "kind",
        "sigs.k8s.io/kind",
        {"kind": "sigs.k8s.io/kind"},
        published=_KIND,
        checksums=f"{_KIND}.sha256sum",
    ),
)


@cache
def version(module: str) -> str:
    """The pinned version of a module by its folder's name, such as "kubernetes"."""
    return next(m for m in MODULES if m.name == module).version


def kubernetes_minor() -> str:
    """The minor version of Kubernetes that is pinned, such as "1.2"."""
    return version("kubernetes").removeprefix("v").rpartition(".")[0]


@cache
def architecture() -> str:
    """This machine's architecture in Go's words, one of ARCHITECTURES."""
    machine = platform.machine()
    names = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    if platform.system() != "Linux" or machine not in names:
        raise UserError(
            f"the sandbox runs on Linux on amd64 or arm64, not on"
            f" {platform.system()} {machine}: use another machine"
        )
    return names[machine]
