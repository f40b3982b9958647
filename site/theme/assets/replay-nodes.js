// Fills the nodes of a replay, which book/replay/nodes.py has drawn at one moment.
// A frame has four lists of nodes: which got a ready Pod of the old ReplicaSet, which
// lost one, and the same of the new one; then how many Pods of each are not ready yet.
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BAR = 8; // of a cell of 10

// A digit is the gap to the node before; the last one only goes on.
function nodes(text) {
  const found = [];
  let at = 0;
  for (const digit of text) {
    const gap = DIGITS.indexOf(digit);
    at += gap;
    if (gap < DIGITS.length - 1) found.push(at);
  }
  return found;
}

function counted(frames, count) {
  const ready = [new Int16Array(count), new Int16Array(count)];
  return frames.map(([moved, ...waiting]) => {
    moved.split(" ").forEach((text, list) => {
      for (const node of nodes(text)) ready[list >> 1][node] += list % 2 ? -1 : 1;
    });
    return { ready: ready.map((each) => each.slice()), waiting };
  });
}

const rounded = (number) => String(Number(number.toFixed(2)));

function fill(picture, [old, young]) {
  const { columns, top } = picture.dataset;
  let [above, below] = ["", ""];
  old.forEach((count, node) => {
    const left = (node % columns) * 10 + 1;
    const ground = Math.floor(node / columns) * 10 + 9;
    const bar = (bottom, height) =>
      height ? `M${left} ${rounded(bottom)}h${BAR}v${rounded(-height)}h-${BAR}z` : "";
    const [high, low] = [(BAR * count) / top, (BAR * young[node]) / top];
    above += bar(ground - low, high);
    below += bar(ground, low);
  });
  picture.querySelector(".old").setAttribute("d", above);
  picture.querySelector(".new").setAttribute("d", below);
}

for (const picture of document.querySelectorAll(".replay__nodes")) {
  const replay = picture.closest("run-replay");
  const frames = JSON.parse(replay.querySelector("script").textContent);
  const moments = counted(frames, Number(picture.dataset.nodes));
  const numbers = replay.querySelectorAll("[data-of]");
  const draw = () => {
    const { ready, waiting } = moments[replay.moment];
    fill(picture, ready);
    const sums = ready.map((each) => each.reduce((sum, count) => sum + count, 0));
    for (const number of numbers) {
      const { of } = number.dataset;
      number.textContent = (of % 2 ? waiting : sums)[of >> 1].toLocaleString("en");
    }
  };
  replay.addEventListener("moment", draw);
  draw();
}
