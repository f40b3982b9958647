"""The users of kubeconfigs, as the page docs/connect-clouds.md has them."""

import re

from tests.examples.stand_ins.reader import PAGE

STANZA = re.compile(
    r'^```yaml title="the user in a kubeconfig for (?P<system>\w+)"\n'
    r"(?P<user>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

USERS = {m["system"].lower(): m["user"] for m in STANZA.finditer(PAGE.read_text())}
"""The YAML text for each system that has one."""
