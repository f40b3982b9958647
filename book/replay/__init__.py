"""Replays: a recorded run, Pod by Pod, as a figure that a script moves.

| step | where |
| --- | --- |
| record a run: recordings/stories/ | tests/examples/watcher.py, and run_in_page |
| record the run at scale: recordings/scale.json | python -m tests.bench.record |
| what was there at each moment | scene.py |
| draw it: HTML, and a table that says all | drawing.py; nodes.py for the run at scale |
| move it | site/theme/assets/replay.js, and replay-nodes.js |
| style it | site/theme/css/replay.css |
| test it | tests/book/test_recordings.py, |
| | tests/site/test_replay.py, tests/site/test_scale_replay.py |
"""
