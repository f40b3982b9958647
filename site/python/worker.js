// Runs programs in the reader's browser: Python by Pyodide, its requests answered by a Player.
//
// run.js starts it and sends { program, story, name, recorded, real }. It sends { got } for the bytes
// of Python that have come, { begun } when the program begins, { out } and { err } for each
// line, { clock } for the milliseconds that have passed since, and { code, refused, seconds } in
// the end; or { failed }, where Python can't be loaded.
// While a program runs, this worker hears nothing: to stop a program is to end the worker.

import { Player } from "./player.js";

const here = (name) => new URL(name, import.meta.url).href;

// Python takes its time from these two: it is the recorded run's, as long as a program runs.
let player = null;
for (const clock of [Date, performance]) {
  const real = clock.now.bind(clock);
  clock.now = () => player?.now() ?? real();
}

// What in_page.py calls.
self.player = {
  request: (...asked) => player.request(...asked),
  sleep: (seconds) => player.sleep(seconds),
};

// In such memory alone a browser lets a worker sleep.
let bed = null;
function sleep(milliseconds) {
  bed ??= new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
  Atomics.wait(bed, 0, 0, milliseconds);
}

// How often the page is told what time it is, in milliseconds.
const TICK = 50;

function jump(_, to) {
  self.postMessage({ clock: to });
}

function wait(from, to) {
  for (let at = from; at < to; at = Math.min(at + TICK, to)) {
    self.postMessage({ clock: at });
    sleep(Math.min(TICK, to - at));
  }
  self.postMessage({ clock: to });
}

// What is large is stored compressed, whatever the site's server compresses by itself. Pyodide
// fetches its own files by this too.
const network = self.fetch;
self.fetch = async (address, ...more) => {
  const name = String(address).split("/").at(-1);
  if (name === "pyodide.asm.wasm") {
    const headers = { "Content-Type": "application/wasm" };
    return new Response(unpacked(await counted(`${address}.gz`)), { headers });
  }
  return name === "python_stdlib.zip" ? counted(address) : network(address, ...more);
};

async function counted(address) {
  const response = await network(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  const counting = new TransformStream({
    transform(part, out) {
      self.postMessage({ got: part.length });
      out.enqueue(part);
    },
  });
  return new Response(response.body.pipeThrough(counting), { headers: response.headers });
}

function unpacked(response) {
  return response.body.pipeThrough(new DecompressionStream("gzip"));
}

async function start() {
  const { loadPyodide } = await import(here("pyodide.mjs"));
  const [python, packages, shim] = await Promise.all([
    loadPyodide({
      indexURL: here("."),
      stdout: (out) => self.postMessage({ out }),
      stderr: (err) => self.postMessage({ err }),
    }),
    counted(here("packages.tar.gz")).then((got) => new Response(unpacked(got)).arrayBuffer()),
    network(here("in_page.py")).then((response) => response.text()),
  ]);
  python.unpackArchive(packages, "tar", { extractDir: python.runPython(SITE_PACKAGES) });
  python.FS.writeFile("in_page.py", shim);
  return python.pyimport("in_page");
}

const SITE_PACKAGES = "import sysconfig; sysconfig.get_path('purelib')";
const ready = start();
ready.catch(() => {}); // each program that waits for it says why

self.onmessage = async ({ data: { program, story, name, recorded, real } }) => {
  try {
    const shim = await ready;
    player = new Player(recorded, real ? wait : jump);
    self.postMessage({ begun: true });
    const [code, refused] = shim.run(program, story, name).toJs();
    const seconds = (player.now() - player.start) / 1000;
    player = null;
    self.postMessage({ code, refused, seconds });
  } catch (error) {
    self.postMessage({ failed: error.message });
  }
};
