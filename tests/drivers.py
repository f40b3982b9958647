"""Which drivers does this run of the suite take, and which of them a test?"""

from typing import cast

import pytest


def chosen(config: pytest.Config) -> list[str]:
    """Those of --sandbox, in the order given; kwok, which needs no Docker, if none."""
    given = cast("list[str] | None", config.getoption("sandbox"))
    return list(dict.fromkeys(given or ["kwok"]))


def of_test(definition: pytest.Item, config: pytest.Config) -> list[str]:
    """All of them, or the first where the test is about the suite and not a cluster."""
    drivers = chosen(config)
    return drivers[:1] if definition.get_closest_marker("one_driver") else drivers
