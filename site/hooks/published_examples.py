"""Which example files can be downloaded? All of them, under examples/ in the site."""

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

SUFFIXES = (".py", ".sh", ".yaml")


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add each story's files to the site as they are."""
    root = included_examples.folder(config)
    for path in sorted(p for suffix in SUFFIXES for p in root.glob(f"*/*{suffix}")):
        name = f"examples/{path.relative_to(root).as_posix()}"
        files.append(File.generated(config, name, abs_src_path=str(path)))
