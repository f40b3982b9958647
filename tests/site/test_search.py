"""What does a reader find who types a word into the search? The page on it, first."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import new_context


@pytest.fixture(scope="module")
def searching(browser: Browser, address: str) -> Iterator[Page]:
    """The home page with its search open, for one query after the other."""
    context = new_context(browser)
    page = context.new_page()
    page.goto(address)
    page.get_by_placeholder("Search").click()
    yield page
    context.close()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("rollback", "rollouts"),
        ("rolling update", "rollouts"),
        ("deployment yaml python", "deployments"),
        ("kubectl apply python", "kubectl-to-python"),
        ("hpa not scaling", "autoscaling"),
        ("watch timeout", "python-client"),
        ("ImagePullBackOff", "deployments"),
        ("autoscaler not scaling", "autoscaling"),
        ("which cluster", "which-cluster"),
        ("CrashLoopBackOff", "self-healing"),
        ("OOMKilled", "resources"),
        ("pod pending", "resources"),
        ("pvc pending", "storage"),
        ("persistent volume", "storage"),
        ("PodDisruptionBudget", "self-healing"),
        ("node not ready", "self-healing"),
        ("readiness probe", "self-healing"),
        ("403 Forbidden", "python-client"),
        ("port-forward", "kubectl-to-python"),
        ("kubectl apply in python", "kubectl-to-python"),
        ("service account", "configuration"),
        ("ConfigMap", "configuration"),
        ("zero downtime", "traffic"),
        ("EKS token", "connect-clouds"),
        ("minikube", "distributions/minikube"),
        ("dockershim", "runtimes"),
    ],
)
def test_search_leads_to_the_page_on_it(
    searching: Page, address: str, query: str, name: str
) -> None:
    field = searching.get_by_placeholder("Search")
    links = searching.locator(".md-search-result__link")
    field.fill("")
    field.press("End")
    expect(links).to_have_count(0)
    # At once, and then a key: what is found for a part of the words is not looked at.
    field.fill(query)
    field.press("End")
    links.first.wait_for()
    path = urlsplit(str(links.first.get_attribute("href"))).path
    assert path == f"{urlsplit(address).path}{name}/"
