"""Telling the user what is going on, on stderr: stdout is for the result."""

import sys


def say(text: str) -> None:
    """Prints one line of progress."""
    print(f"sandbox: {text}", file=sys.stderr, flush=True)
