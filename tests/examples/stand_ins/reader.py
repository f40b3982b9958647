"""What a reader does with a program: runs it, with other words or other variables."""

import re
import subprocess
from pathlib import Path

from tests.examples import in_process

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = ROOT / "docs" / "connect-clouds.md"


def run(
    path: Path, environment: dict[str, str], folder: Path, **words: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of examples/, with other values for some of its constants."""
    text = path.read_text()
    for name, value in words.items():
        text, times = re.subn(
            rf'^{name} = "[^"]*"', f'{name} = "{value}"', text, flags=re.M
        )
        assert times == 1, f"{path.name} has no line {name} = ..."
    copy = folder / path.name
    copy.write_text(text)
    return in_process.run(copy, environment)


def assert_user_error(done: subprocess.CompletedProcess[str], says: str) -> None:
    """It ended as for a mistake of its user: the last line says what is wrong.

    What it says is a part of the line, or with a "|" before it, a line of the page.
    """
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert says.removeprefix("|") in line
    assert not says.startswith("|") or line in PAGE.read_text().splitlines()
    assert not done.stdout
