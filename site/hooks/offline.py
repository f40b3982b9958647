"""What the search needs where the site is read from files.

Material's plugin for that wants a script from another host, by which the search runs
where there are no workers; ours is assets/iframe-worker.js.
"""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority


@event_priority(100)
def on_config(config: MkDocsConfig) -> None:
    """Name our script before the plugin looks for one."""
    offline = config.plugins.get("material/offline")
    if offline is not None and offline.config["enabled"]:
        config.extra["polyfills"] = ["assets/iframe-worker.js"]
