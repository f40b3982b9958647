"""What a page shows of Python is a program in examples/, which is run: not a fence."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# A fence of Python, unless it does no more than include a file.
FENCE = re.compile(
    r"^ *(?:`{3,}|~{3,}) *\{? *\.?(?:py|python|python3|pycon)\b"
    r'(?!.*\n *--8<-- "[^"]+"\n+ *(?:`{3,}|~{3,})$)',
    re.M,
)


def test_no_page_has_python_that_is_not_run() -> None:
    written = [
        f"{page.relative_to(ROOT)}: {fence[0].strip()}"
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for fence in FENCE.finditer(page.read_text())
    ]
    assert not written, f"make each a program in examples/: {', '.join(written)}"
