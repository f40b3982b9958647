"""Python fences written straight into a page: found, run and compared, all of them."""

import re
from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

from tests.examples.output import check_fence

ROOT = Path(__file__).parent.parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]

SNIPPET = re.compile(r'--8<-- "[^"]+"\n*')
FENCE = re.compile(r"^ *(?:`{3,}|~{3,}) *\{? *\.?(?:py|python|python3|pycon)\b", re.M)

FOUND = [example for page in PAGES for example in find_examples(page)]
WRITTEN = [e for e in FOUND if not SNIPPET.fullmatch(e.source)]


@pytest.mark.parametrize("fence", WRITTEN, ids=str)
def test_fence_prints_what_it_says(
    fence: CodeExample,
    eval_example: EvalExample,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    request.node.user_properties.append(("fence", True))
    # What talks to a cluster is a program in examples/, with an identity of its own.
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    check_fence(fence, eval_example)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_python_fence_is_overlooked(page: Path) -> None:
    text = page.read_text()
    on_disk = {text[: m.start()].count("\n") + 1 for m in FENCE.finditer(text)}
    found = {e.start_line for e in FOUND if e.path == page}
    assert found == on_disk, (
        f"{page.relative_to(ROOT)}: the fences in lines {sorted(on_disk ^ found)} are "
        "written in a way that pytest-examples does not find: use ```python"
    )
