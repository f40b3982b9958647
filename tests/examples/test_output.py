"""What a run writes into a program's `#>` lines."""

from pathlib import Path

import pytest
from pytest_examples import EvalExample

from tests.examples import output

PROGRAM = 'print("a" * 60, *["and more"] * {times})\n'


def test_output_that_is_too_long_for_a_line_is_refused(
    tmp_path: Path,
    eval_example: EvalExample,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pytestconfig.option, "update_examples", True)
    monkeypatch.setattr(output, "ROOT", tmp_path)
    fits, too_long = tmp_path / "01_fits.py", tmp_path / "02_too_long.py"
    fits.write_text(PROGRAM.format(times=2))
    output.update(fits, eval_example)
    assert fits.read_text().splitlines()[1].startswith("#> aaa")
    too_long.write_text(PROGRAM.format(times=9))
    with pytest.raises(pytest.fail.Exception, match="is left as it was: it prints"):
        output.update(too_long, eval_example)
    assert too_long.read_text() == PROGRAM.format(times=9)
