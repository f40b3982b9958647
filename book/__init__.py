"""What pages are made of: programs with their output, runs, facts, and how they look.

MkDocs calls `plugin`, and Markdown calls `blocks`. A page asks for a part by a block,
such as `/// last-run`; `blocks.PARTS` lists all but `/// program`, which has a class.
"""
