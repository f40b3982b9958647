"""Replays: what a recording says of a run, drawn and told. replay.js moves them."""
