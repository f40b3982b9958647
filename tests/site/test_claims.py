"""The list of the chapter's claims is whole, and what it points to is there."""

import copy as copies
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from tests.site.build import ROOT
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

CLAIMS = ROOT / "facts" / "claims.yaml"

# The headings of the chapter, in its order. The chapter itself is not in the project.
HEADINGS = [
    "what",
    "hpa",
    "resources",
    "updates",
    "rollbacks",
    "self-healing",
    "docker",
    "architecture",
    "api-server",
    "etcd",
    "scheduler",
    "controller-manager",
    "kubelet",
    "kube-proxy",
    "cri",
    "cni",
    "csi",
    "journey",
    "self-managed",
    "kubeadm",
    "minikube",
    "microk8s",
    "k3s",
    "openshift",
    "self-managed-summary",
    "cloud-managed",
    "eks",
    "aks",
    "gke",
    "choosing",
]

# Who may be cited: the projects and vendors themselves.
PRIMARY = {
    "canonical.com",
    "docs.aws.amazon.com",
    "docs.cloud.google.com",
    "docs.docker.com",
    "docs.k3s.io",
    "docs.redhat.com",
    "etcd.io",
    "github.com",
    "k3d.io",
    "kubernetes.io",
    "learn.microsoft.com",
    "minikube.sigs.k8s.io",
    "opencontainers.org",
    "www.redhat.com",
}
# On github.com, only what these projects have there.
REPOSITORIES = (
    "/canonical/microk8s/",
    "/container-storage-interface/spec/",
    "/containernetworking/cni/",
    "/kubernetes/",
    "/opencontainers/",
)

TEXTS = {"key", "said", "proven", "cited", "corrected", "program", "source", "note"}
FATES = {"proven", "cited", "corrected"}

Chapter = list[dict[str, Any]]


def load() -> Chapter:
    return yaml.safe_load(CLAIMS.read_text())


def claims(chapter: Chapter) -> list[dict[str, Any]]:
    return [claim for heading in chapter for claim in heading["claims"]]


def faults(chapter: Chapter) -> list[str]:
    """What is wrong with the list itself, and with the files and hosts it names."""
    wrong: list[str] = []
    keys = [heading["key"] for heading in chapter]
    if keys != HEADINGS:
        wrong.append(f"headings: {sorted(set(keys) ^ set(HEADINGS)) or 'order'}")
    for heading in chapter:
        wanted = [f"{heading['key']}-{n + 1}" for n in range(len(heading["claims"]))]
        if [claim["key"] for claim in heading["claims"]] != wanted:
            wrong.append(f"{heading['key']}: keys are not numbered from 1")
        if not wanted:
            wrong.append(f"{heading['key']}: no claims")
        if not heading.get("title"):
            wrong.append(f"{heading['key']}: no title")
    for claim in claims(chapter):
        wrong += [f"{claim['key']}: {fault}" for fault in faults_of(claim)]
    return wrong


def faults_of(claim: dict[str, Any]) -> list[str]:
    """What is wrong with one claim."""
    wrong: list[str] = []
    fates = FATES & claim.keys()
    if len(fates) != 1:
        wrong.append(f"has {len(fates)} fates")
    if unknown := claim.keys() - TEXTS - {"behaviour", "page"}:
        wrong.append(f"has fields that nobody reads: {sorted(unknown)}")
    for field in TEXTS & claim.keys():
        if not isinstance(claim[field], str) or not claim[field].strip():
            wrong.append(f"{field} is no text")
    if not isinstance(claim.get("behaviour", True), bool):
        wrong.append("behaviour is neither true nor false")
    if not claim.get("said", "").endswith("."):
        wrong.append("said is no sentence")
    if "corrected" in claim and not {"program", "source"} & claim.keys():
        wrong.append("is corrected without a program or a source")
    program = claim.get("proven") or claim.get("program")
    if program and not (
        re.fullmatch(r"examples/[\w-]+/\d\d_\w+\.py", program)
        and (ROOT / program).is_file()
    ):
        wrong.append(f"there is no program {program}")
    url = urlsplit(claim.get("cited") or claim.get("source") or "")
    if url.scheme and not (
        url.scheme == "https"
        and url.netloc in PRIMARY
        and (url.netloc != "github.com" or f"{url.path}/".startswith(REPOSITORIES))
    ):
        wrong.append(f"{url.geturl()} is no primary source")
    return wrong


def test_every_claim_is_told_with_what_became_of_it() -> None:
    assert not faults(load())


def test_a_program_settles_at_least_half_of_what_clusters_are_said_to_do() -> None:
    behaviour = [claim for claim in claims(load()) if claim.get("behaviour")]
    settled = [claim for claim in behaviour if {"proven", "program"} & claim.keys()]
    assert len(settled) * 2 >= len(behaviour) > 30


BREAK: dict[str, Callable[[Chapter], object]] = {
    "headings: ['etcd']": lambda chapter: chapter.pop(HEADINGS.index("etcd")),
    "headings: order": lambda chapter: chapter.reverse(),
    "what: no title": lambda chapter: chapter[0].update(title=""),
    "what: no claims": lambda chapter: chapter[0].update(claims=[]),
    "what: keys are": lambda chapter: chapter[0]["claims"].pop(0),
    "hpa: keys are": lambda chapter: chapter[1]["claims"].reverse(),
    "what-1: has 2 fates": lambda chapter: claims(chapter)[0].update(corrected="No."),
    "what-1: has 0 fates": lambda chapter: claims(chapter)[0].pop("cited"),
    "what-1: has fields": lambda chapter: claims(chapter)[0].update(provne="x"),
    "what-1: note is no": lambda chapter: claims(chapter)[0].update(note=" "),
    "what-1: said is no": lambda chapter: claims(chapter)[0].update(said="Scaling"),
    "what-1: behaviour is": lambda chapter: claims(chapter)[0].update(behaviour="y"),
    "what-1: is corrected w": lambda chapter: claims(chapter)[0].update(corrected="N"),
    "what-1: there is no program": lambda chapter: claims(chapter)[0].update(
        program="examples/rollouts/99_missing.py"
    ),
    "http://kubernetes.io/ is": lambda chapter: claims(chapter)[0].update(
        cited="http://kubernetes.io/"
    ),
    "https://example.com/kubernetes.io is": lambda chapter: claims(chapter)[0].update(
        cited="https://example.com/kubernetes.io"
    ),
    "https://github.com/someone/kubernetes is": lambda chapter: claims(chapter)[
        0
    ].update(cited="https://github.com/someone/kubernetes"),
}


@pytest.mark.parametrize("says", BREAK)
def test_check_finds(says: str) -> None:
    chapter = copies.deepcopy(load())
    BREAK[says](chapter)
    assert any(says in fault for fault in faults(chapter)), faults(chapter)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    """Each page of the built site, by the name of its source."""
    soups: dict[str, BeautifulSoup] = {}
    for source in (ROOT / "docs").rglob("*.md"):
        name = source.relative_to(ROOT / "docs").as_posix()
        folder = "" if name == "index.md" else name.removesuffix(".md")
        soups[name] = soup(site / folder / "index.html")
    return soups


def anchors(pages: dict[str, BeautifulSoup]) -> set[tuple[str, str]]:
    """Which page speaks of which claim, as the pages say it."""
    return {
        (name, str(tag["id"]).removeprefix("claim-"))
        for name, page in pages.items()
        for tag in page.select("[id^=claim-]")
    }


def test_pages_speak_of_the_claims_that_they_are_named_for(
    pages: dict[str, BeautifulSoup],
) -> None:
    named = {c["key"]: c["page"] for c in claims(load()) if "page" in c}
    there = anchors(pages)
    assert not {(page, key) for key, page in named.items()} - there
    # More pages than one may speak of a claim; the list names one of them.
    assert not {key for _, key in there} - named.keys(), "no page in claims.yaml"


def test_each_mark_stands_once_and_leads_to_its_claim(
    pages: dict[str, BeautifulSoup],
) -> None:
    page = pages["claims.md"]
    fates = {c["key"]: (FATES & c.keys()).pop() for c in claims(load())}
    for name, key in anchors(pages):
        # Each page but the first is a folder of its own.
        up = "../" * (name.count("/") + (name != "index.md"))
        target = f"{up}claims/#{key}"
        marks = pages[name].select(f'a.claim-mark[href="{target}"]')
        assert [mark.get_text() for mark in marks] == [fates[key]], (name, key)
        assert str(marks[0]["aria-label"]).startswith(fates[key])
    ids = Counter(str(tag["id"]) for tag in page.select("[id]"))
    assert {key: ids[key] for key in fates} == dict.fromkeys(fates, 1)


def test_page_of_claims_tells_what_is_true_and_where_it_is_shown(
    pages: dict[str, BeautifulSoup],
) -> None:
    for claim in claims(load()):
        row = pages["claims.md"].find(id=claim["key"])
        assert isinstance(row, Tag)
        links = {str(a["href"]) for a in row.select("a[href]")}
        text = " ".join(row.get_text(" ").split())
        for field in ["said", "corrected"]:
            # Code is marked up, so words and punctuation are compared without it.
            plain = re.sub(r"[`\s]", "", claim.get(field, ""))
            assert plain in re.sub(r"\s", "", text)
        if source := claim.get("cited") or claim.get("source"):
            assert source in links
        if program := claim.get("proven") or claim.get("program"):
            story, name = program.split("/")[1:]
            assert any(link.endswith(f"#{Path(name).stem}") for link in links)
            assert f"{story}/{name}" in text
        if page := claim.get("page"):
            place = f"../{page.removesuffix('.md')}/#claim-{claim['key']}"
            assert place.replace("../index/", "../") in links
