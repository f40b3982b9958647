"""Lets `python -m sandbox` do what the console script does."""

import sys

from sandbox.cli import main

sys.exit(main())
