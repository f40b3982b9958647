// Moves a replay, which book/replay/drawing.py has drawn at one of its moments. A moment
// has a number; each thing that changes has a list of values, each from a moment on.
const still = matchMedia("(prefers-reduced-motion: reduce)");

const CONTROLS = `
<input type="range" min="0" step="1" aria-label="Time">
<button type="button" data-do="play">Play</button>
<button type="button" data-do="back" aria-label="Previous step">← Step</button>
<button type="button" data-do="next" aria-label="Next step">Step →</button>
<label>Speed <select></select></label>
<p class="replay__said" role="status"></p>`;

const FRACTIONS = { 0.125: "⅛", 0.25: "¼", 0.5: "½" };

class RunReplay extends HTMLElement {
  connectedCallback() {
    if (this.controls) return;
    this.moments = JSON.parse(this.dataset.moments); // ms when played, ms in the run
    this.began = JSON.parse(this.dataset.began); // ms in the run, by program
    this.speed = 1; // beside the one that the moments are for
    this.end = this.moments.at(-1)[0];
    this.tracks = this.all("[data-track]").map((node) => ({
      node,
      values: JSON.parse(node.dataset.track),
    }));
    this.rows = this.all("tr[data-moment]");
    this.clock = this.querySelector(".replay__clock");
    this.charts = this.querySelector(".replay__charts");
    this.list = this.querySelector(".replay__steps");

    this.controls = document.createElement("div");
    this.controls.className = "replay__controls";
    this.controls.role = "group";
    this.controls.ariaLabel = "Replay";
    this.controls.innerHTML = CONTROLS;
    this.charts.after(this.controls);
    this.scrubber = this.controls.querySelector("input");
    this.scrubber.max = this.end;
    this.button = this.controls.querySelector("[data-do=play]");
    this.said = this.controls.querySelector(".replay__said");
    const select = this.controls.querySelector("select");
    for (const factor of [0.5, 1, 2, 4]) {
      const real = factor * this.dataset.speed;
      select.add(new Option(`${FRACTIONS[real] ?? real}×`, factor, factor === 1, factor === 1));
    }

    select.onchange = () => (this.speed = Number(select.value));
    this.scrubber.oninput = () => this.goTo(Number(this.scrubber.value));
    this.scrubber.onkeydown = (event) => this.press(event);
    this.button.onclick = () => (this.playing ? this.pause() : this.play());
    for (const [name, by] of [
      ["back", -1],
      ["next", 1],
    ]) {
      this.controls.querySelector(`[data-do=${name}]`).onclick = () => {
        this.step(by);
        this.said.textContent = this.told();
      };
    }
    this.list.onclick = ({ target }) => {
      const row = target.closest("tr[data-moment]");
      if (row && !target.closest("a")) this.goTo(this.moments[row.dataset.moment][0]);
    };

    // Who wants no motion goes from moment to moment by hand.
    const beStill = () => {
      if (still.matches) this.pause();
      this.button.hidden = select.parentElement.hidden = still.matches;
    };
    still.addEventListener("change", beStill);
    beStill();
    this.show(this.moments[this.dataset.moment][0]);
    this.untouched = true;
    this.scrubber.ariaValueText = this.told();
    if ("plays" in this.dataset && !still.matches) this.playWhenSeen();
  }

  all(selector) {
    return [...this.querySelectorAll(selector)];
  }

  playWhenSeen() {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        if (this.untouched) this.play();
      },
      { threshold: 0.6 },
    );
    seen.observe(this);
  }

  play() {
    if (this.untouched || this.at >= this.end) this.show(0);
    this.untouched = false;
    this.playing = this.toggleAttribute("data-playing", true);
    this.button.textContent = "Pause";
    let before;
    const turn = (now) => {
      if (!this.playing) return;
      // A page that was out of sight goes on where it was.
      this.show(this.at + Math.min(now - (before ?? now), 100) * this.speed);
      before = now;
      this.at < this.end ? requestAnimationFrame(turn) : this.pause();
    };
    requestAnimationFrame(turn);
  }

  pause() {
    this.playing = this.toggleAttribute("data-playing", false);
    this.button.textContent = this.at >= this.end ? "Again" : "Play";
    this.scrubber.ariaValueText = this.told();
  }

  goTo(at) {
    this.untouched = false;
    this.show(at);
    this.pause();
  }

  // What was there as long after a program began: one that runs in the page is followed so.
  follow(program, milliseconds) {
    if (!(program in this.began)) return;
    const time = this.began[program] + milliseconds;
    const next = this.moments.findIndex(([, run]) => run > time);
    if (next < 0) return this.goTo(this.end);
    const [[from, start], [to, stop]] = [this.moments[Math.max(next - 1, 0)], this.moments[next]];
    this.goTo(from + ((to - from) * Math.max(time - start, 0)) / (stop - start || 1));
  }

  step(by) {
    const steps = [
      0,
      ...this.rows.map((row) => Number(row.dataset.moment)),
      this.moments.length - 1,
    ];
    const next =
      by > 0
        ? steps.find((moment) => moment > this.moment)
        : steps.findLast((moment) => moment < this.moment);
    if (next !== undefined) this.goTo(this.moments[next][0]);
  }

  press(event) {
    const act = {
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowDown: () => this.step(-1),
      Home: () => this.goTo(0),
      End: () => this.goTo(this.end),
      " ": () => this.button.hidden || this.button.click(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  told() {
    const row = this.rows.findLast((row) => row.ariaCurrent);
    return `${this.clock.textContent}: ${row ? row.cells[1].textContent : "the start"}`;
  }

  show(at) {
    this.at = Math.min(at, this.end);
    const moment = this.moments.findLastIndex(([played]) => played <= this.at);
    const [[from, start], [to, stop]] = [
      this.moments[moment],
      this.moments[moment + 1] ?? this.moments[moment],
    ];
    const part = to > from ? (this.at - from) / (to - from) : 0;
    this.clock.textContent = `${((start + part * (stop - start)) / 1000).toFixed(2)} s`;
    this.scrubber.value = this.at;
    this.charts.style.setProperty("--at", this.at / (this.end || 1));
    if (moment === this.moment) return;
    this.moment = moment;
    for (const { node, values } of this.tracks) {
      const [, ...value] = values.findLast(([since]) => since <= moment);
      if (value.length === 1) node.textContent = value[0];
      else this.fill(node, ...value);
    }
    let current;
    for (const row of this.rows) {
      const ahead = row.dataset.moment > moment;
      row.classList.toggle("ahead", ahead);
      row.ariaCurrent = null;
      if (!ahead) current = row;
    }
    if (current) current.ariaCurrent = "true";
    this.dispatchEvent(new Event("moment"));
    // Measured when all replays of a page are drawn: else each has the page laid out anew.
    requestAnimationFrame(() => {
      this.list.scrollTop = current ? current.offsetTop - this.list.clientHeight / 2 : 0;
    });
  }

  fill(place, state, name, word) {
    place.dataset.state = state;
    place.querySelector("use").setAttribute("href", `#replay-${state}`);
    place.querySelector("b").textContent = name;
    place.querySelector("span").textContent = word;
  }
}

customElements.define("run-replay", RunReplay);
