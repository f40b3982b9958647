"""What pages are made of: programs with their output, runs, facts, and how they look.

`plugin` is all that knows MkDocs, `blocks` all that knows Markdown. A page asks for a
part by a block, such as `/// program | rollouts/04_undo.py`; `blocks.PARTS` lists them.
"""
