"""Is there a sitemap? Only where the site has an address: without one, it is empty."""

from mkdocs.config.defaults import MkDocsConfig


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Leave it out where SITE_URL is not set: MkDocs writes no file without text."""
    return "" if template_name == "sitemap.xml" and not config.site_url else output
