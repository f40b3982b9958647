"""Run in the page: the reader's Python, and the answers of a recorded run.

| step | where |
| --- | --- |
| record what programs ask: recordings/stories/ | tests/examples/exchange*.py |
| which recordings are of a story as it is now | recording.py |
| what a page shows and serves of one | exchange.py |
| pack Python for the browser | bundle.py, site/python/compile.mjs |
| run a program | site/python/run.js, worker.js, in_page.py |
| play it the answers | site/python/player.js |
| list the requests | site/theme/js/open-requests.js, assets/requests.js |
| test it | tests/examples/test_exchange.py, test_story_exchanges.py, |
| | tests/book/test_exchange.py, test_bundle.py, tests/site/test_run_in_page.py, |
| | test_in_firefox.py, test_player.py, test_requests.py |
"""
