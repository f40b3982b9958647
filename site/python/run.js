// Opens a program's panel, in which the reader's browser runs it. page.js imports this at the
// first click on a button "Run", and nothing of it before.

const here = (name) => new URL(name, import.meta.url).href;
const KEPT = "kubernetes-overview.python";
const OUTPUT = /^\s*#> ?/;

const style = document.createElement("link");
Object.assign(style, { rel: "stylesheet", href: here("run.css") });
document.head.append(style);

const bundle = fetch(here("bundle.json")).then((response) => response.json());
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

// One Python for all programs of the page; `running` is the panel whose program it runs.
let worker = null;
let running = null;

const PANEL = `
  <p class="in-page__what"></p>
  <div class="in-page__bar">
    <button class="program__button" type="button" name="run" hidden></button>
    <button class="program__button" type="button" name="stop" hidden>Stop</button>
    <button class="program__button" type="button" name="reset" hidden>Reset</button>
    <label><input type="checkbox"> <span></span></label>
  </div>
  <progress aria-label="Python's download" hidden></progress>
  <details class="fold">
    <summary>Change the program</summary>
    <textarea spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"></textarea>
    <p class="in-page__hint">Tab indents; Escape, then Tab, leaves. Ctrl+Enter runs it.</p>
  </details>
  <pre hidden><code></code></pre>
  <p class="in-page__status" role="status"></p>
  <div class="in-page__sandbox" hidden>
    <p>To ask a real API server, run this page's programs on a sandbox:</p>
    <pre><code></code></pre>
  </div>
`;

class Panel {
  constructor(button) {
    const figure = button.closest("figure");
    this.name = figure.querySelector(".program__name").textContent;
    const codes = figure.querySelectorAll("pre > code");
    this.text = [...codes].map((code) => code.textContent).join("");
    this.said = this.text
      .split("\n")
      .filter((line) => OUTPUT.test(line))
      .map((line) => line.replace(OUTPUT, ""));
    // assets/runs/STORY/NN_name.json
    this.story = figure.dataset.recorded.split("/").at(-2);
    this.program = `${this.story}/${this.name}`;
    this.replays = [...document.querySelectorAll("run-replay")].filter(
      ({ began }) => began && this.program in began,
    );
    this.recorded = fetch(figure.dataset.recorded).then((response) => {
      if (!response.ok) throw new Error(`The recorded run can't be read: ${response.status}`);
      return response.json();
    });
    this.box = document.createElement("section");
    this.box.className = "in-page";
    this.box.ariaLabel = `Run ${this.name} in this page`;
    this.box.innerHTML = PANEL;
    const find = (selector) => this.box.querySelector(selector);
    this.run = find("[name=run]");
    this.stop = find("[name=stop]");
    this.reset = find("[name=reset]");
    this.real = find("input");
    this.progress = find("progress");
    this.editor = find("textarea");
    this.out = find("pre > code");
    this.status = find(".in-page__status");
    this.sandbox = find(".in-page__sandbox");
    this.editor.value = this.text;
    this.editor.rows = Math.min(24, this.text.split("\n").length);
    this.editor.ariaLabel = `The program ${this.name}`;
    this.run.addEventListener("click", () => this.start());
    this.stop.addEventListener("click", () => this.end());
    this.reset.addEventListener("click", () => this.restore());
    this.editor.addEventListener("input", () => (this.reset.hidden = this.same));
    this.editor.addEventListener("keydown", (event) => this.press(event));
    figure.append(this.box);
  }

  async describe() {
    const [{ bytes, key }, recorded] = await Promise.all([bundle, this.recorded]);
    const day = new Date(`${recorded.date}T00:00Z`).toLocaleDateString("en-GB", {
      dateStyle: "long",
      timeZone: "UTC",
    });
    this.box.querySelector(".in-page__what").textContent =
      `Your browser runs this program; its answers are the ones a real API server gave ` +
      `on ${day} (Kubernetes ${recorded.kubernetes.replace("v", "")}).`;
    this.box.querySelector("label span").textContent =
      `Take as long as the recorded run, ${recorded.seconds.toFixed(1)} s` +
      (this.replays.length ? ", and move the replay along" : "");
    this.downloaded = worker !== null || kept() === key;
    this.progress.max = bytes;
    this.run.textContent = this.downloaded
      ? "Run"
      : `Run: downloads Python, ${Math.ceil(bytes / 1e6)} MB, once`;
    this.run.hidden = false;
  }

  get same() {
    return this.editor.value === this.text;
  }

  restore() {
    this.editor.value = this.text;
    this.reset.hidden = true;
    this.editor.focus();
  }

  press(event) {
    const { editor } = this;
    const leaves = this.leaves;
    this.leaves = event.key === "Escape";
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.start();
    } else if (event.key === "Tab" && !event.shiftKey && !leaves) {
      event.preventDefault();
      this.insert("    ");
    } else if (event.key === "Enter") {
      event.preventDefault();
      const line = editor.value.slice(0, editor.selectionStart).split("\n").at(-1);
      this.insert(`\n${line.match(/^ */)[0]}`);
    }
  }

  insert(text) {
    const { editor } = this;
    editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
    editor.dispatchEvent(new Event("input"));
  }

  async start() {
    running?.end();
    running = this;
    this.left = [...this.said];
    this.counts = { same: 0, other: 0 };
    this.out.replaceChildren();
    this.out.parentElement.hidden = true;
    this.sandbox.hidden = true;
    this.show("Python is on its way.");
    this.stop.hidden = false;
    this.run.hidden = true;
    this.progress.hidden = worker !== null;
    this.progress.value = 0;
    try {
      worker ??= new Worker(here("worker.js"), { type: "module" });
      worker.onmessage = ({ data }) => running?.hear(data);
      worker.onerror = ({ message }) => running?.fail(message || "Python can't be loaded.");
      const { editor, story, name, real } = this;
      const recorded = await this.recorded;
      if (running !== this) return;
      worker.postMessage({ program: editor.value, story, name, recorded, real: real.checked });
    } catch (error) {
      this.fail(error.message);
    }
  }

  hear({ got, begun, clock, out, err, failed, code, refused, seconds }) {
    if (clock !== undefined) for (const replay of this.replays) replay.follow(this.program, clock);
    if (got) {
      this.progress.value += got;
      const [now, all] = [this.progress.value, this.progress.max].map(megabytes);
      this.show(now === all ? "Python starts." : `Downloads Python: ${now} of ${all} MB`);
    }
    if (begun) {
      bundle.then(({ key }) => keep(key));
      this.progress.hidden = true;
      this.show("The program runs.");
    }
    if (out !== undefined) this.print(out);
    if (err !== undefined) this.write(err, "error");
    if (failed) this.fail(failed);
    if (code !== undefined) {
      this.rest();
      this.sandbox.hidden = !refused;
      if (refused) this.lines();
      this.show(this.told(code, refused, seconds));
      this.bringIntoSight();
    }
  }

  // Unless the reader has gone elsewhere meanwhile.
  bringIntoSight() {
    const { top, bottom } = this.box.getBoundingClientRect();
    if (top < innerHeight && bottom > 0) this.box.scrollIntoView({ block: "nearest" });
  }

  print(line) {
    const at = this.left.indexOf(line);
    const is = at < 0 ? "other" : "same";
    if (at >= 0) this.left.splice(at, 1);
    this.counts[is] += 1;
    this.write(line, is);
  }

  write(text, is) {
    const line = document.createElement("span");
    line.dataset.is = is;
    line.textContent = `${text}\n`;
    line.title = { same: "as on the page", other: "not on the page" }[is] ?? "";
    this.out.append(line);
    this.out.parentElement.hidden = false;
  }

  told(code, refused, seconds) {
    const { same, other } = this.counts;
    const all = this.said.length;
    const ended = refused || code ? "It ended early" : "Done";
    const took = `${ended}, after ${seconds.toFixed(1)} s by the program's clock.`;
    if (same === all && !other) return `${took} Each line is as on the page.`;
    const more = other ? ` ${count(other)} on the page.` : "";
    return `${took} ${same} of the page's ${all} lines came out.${more}`;
  }

  // As the row says them that runs this page.
  lines() {
    const row = document.querySelector("#run-this-page pre > code");
    if (row) this.sandbox.querySelector("code").textContent = row.textContent;
    else this.sandbox.hidden = true;
  }

  end() {
    // A worker that runs a program hears nothing.
    worker?.terminate();
    worker = null;
    this.rest();
    this.show("Stopped.");
  }

  fail(message) {
    worker?.terminate();
    worker = null;
    this.rest();
    this.show(`Python could not run here: ${message}`);
  }

  rest() {
    if (running === this) running = null;
    const focused = document.activeElement === this.stop;
    this.progress.hidden = this.stop.hidden = true;
    this.run.hidden = false;
    this.run.textContent = "Run";
    if (focused) this.run.focus();
  }

  show(text) {
    this.status.textContent = text;
  }
}

function count(lines) {
  return lines === 1 ? "1 line is not" : `${lines} lines are not`;
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(key) {
  try {
    localStorage.setItem(KEPT, key);
  } catch {
    // A browser that keeps nothing: the next page asks again.
  }
}

const panels = new WeakMap();

/**
 * Open the panel of a program, and run the program if Python has been downloaded before.
 *
 * @param {HTMLButtonElement} button The button in the program's head. The frame around it has
 *   the address of the recorded run.
 */
export async function open(button) {
  const panel = panels.get(button) ?? new Panel(button);
  panels.set(button, panel);
  try {
    await panel.describe();
  } catch (error) {
    panel.fail(error.message);
    return;
  }
  panel.box.scrollIntoView({ block: "nearest" });
  if (panel.downloaded) panel.start();
  else panel.run.focus();
}
