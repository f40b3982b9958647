"""Which drivers does this run of the suite take, and which of them a test?"""

from typing import cast

import pytest


def chosen(config: pytest.Config) -> list[str]:
    """Those of --sandbox, in the order given; kwok, which needs no Docker, if none."""
    given = cast("list[str] | None", config.getoption("sandbox"))
    return list(dict.fromkeys(given or ["kwok"]))


def of_test(definition: pytest.Item, config: pytest.Config) -> list[str]:
    """All of them, or one where the test has a mark that says so."""
    drivers = chosen(config)
    if definition.get_closest_marker("one_driver"):
        return drivers[:1]
    return drivers[-1:] if definition.get_closest_marker("last_driver") else drivers
