"""Python fences written straight into a page: found, run and compared, all of them."""

import re
from pathlib import Path

import pytest
from pytest_examples import EvalExample, find_examples

from tests.examples.output import check_fence

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))

SNIPPET = re.compile(r'--8<-- "[^"]+"\n*')
FENCE = re.compile(r"^ *(?:`{3,}|~{3,}) *\{? *\.?(?:py|python|python3|pycon)\b", re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_fences_print_what_they_say(
    page: Path,
    eval_example: EvalExample,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    text = page.read_text()
    fences = list(find_examples(page))
    on_disk = {text[: m.start()].count("\n") + 1 for m in FENCE.finditer(text)}
    overlooked = sorted(on_disk ^ {fence.start_line for fence in fences})
    assert not overlooked, (
        f"{page.relative_to(ROOT)}: the fences in lines {overlooked} are written in a "
        "way that pytest-examples does not find: use ```python"
    )
    written = [fence for fence in fences if not SNIPPET.fullmatch(fence.source)]
    request.node.user_properties.append(("fences", len(written)))
    # What talks to a cluster is a program in examples/, with an identity of its own.
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    for fence in written:
        check_fence(fence, eval_example)
