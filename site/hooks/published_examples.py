"""Which example files can be downloaded? All of them, under examples/ in the site."""

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add each story's programs and setup.yaml to the site as they are."""
    root = included_examples.folder(config)
    for path in sorted([*root.glob("*/*.py"), *root.glob("*/*.yaml")]):
        name = f"examples/{path.relative_to(root).as_posix()}"
        files.append(File.generated(config, name, abs_src_path=str(path)))
