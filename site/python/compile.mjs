// Compiles the Python packages in a folder, by the Python that runs in the page, and tries them.
//
// node compile.mjs FOLDER; book/run_in_page/bundle.py calls it. What they are compiled to takes the
// place of the sources: a browser that had to compile them would take seconds longer. Docstrings
// are left out.

import { loadPyodide } from "pyodide";

const COMPILE = `
import compileall
import py_compile
import sys
from pathlib import Path

if not compileall.compile_dir(
    "/packages",
    quiet=1,
    legacy=True,
    optimize=2,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
):
    raise RuntimeError("a package can't be compiled")
for source in Path("/packages").rglob("*.py"):
    source.unlink()

sys.path.insert(0, "/packages")
from kubernetes import client, config, watch
client.CoreV1Api, client.V1Pod
`;

const python = await loadPyodide();
python.mountNodeFS("/packages", process.argv[2]);
try {
  python.runPython(COMPILE);
} catch (error) {
  console.error(error.message.trim().split("\n").at(-1));
  process.exit(1);
}
