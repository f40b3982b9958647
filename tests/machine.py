"""What machine is this, and how busy? The figures of a recording depend on it."""

import os

# The group of the tests that each keep a machine busy: one worker runs them in turn.
BUSY = "one at a time"


def described() -> dict[str, float]:
    """The number of cores, the memory in GiB and the load average of 15 minutes.

    The load is of the processes that ran or wanted to, on all cores together.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory / 2**30),
        "load": round(os.getloadavg()[2], 1),
    }
