// What a program asked the API server in its recorded run, and what it was answered: a list,
// made of the file that the box links to, when the box is opened.
{
  const BOX = ".ran--requests[open]";

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`;

  // What is in braces or brackets folds. Who wrote which field is long, and closed at first.
  const folding = (label, value, end) => {
    const children = Object.entries(value ?? 0);
    if (typeof value !== "object" || !children.length) {
      return make("div", { textContent: label + JSON.stringify(value) + end });
    }
    const [opening, closing] = Array.isArray(value) ? "[]" : "{}";
    const parts = children.map(([name, child], at) => {
      const key = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `;
      return folding(key, child, at < children.length - 1 ? "," : "");
    });
    return make(
      "details",
      { open: !label.startsWith('"managedFields"') },
      make("summary", { textContent: label + opening }),
      make("div", {}, ...parts),
      make("div", { textContent: closing + end }),
    );
  };

  // By keyboard too, what is long scrolls.
  const block = (title, text) => {
    let shown = text;
    try {
      shown = folding("", JSON.parse(text), "");
    } catch {
      // It's no JSON.
    }
    const code = make("code", { tabIndex: 0 }, shown);
    return [make("p", { textContent: title }), make("pre", {}, code)];
  };

  const details = (exchange) => {
    const { at, body, content, status, type, until } = exchange;
    const { answer, chunks, ended, headers, failed } = exchange;
    const parts = body ? block(content ? `Sent, ${content}:` : "Sent:", body) : [];
    if (headers?.Warning) parts.push(make("p", { textContent: `Warning: ${headers.Warning}` }));
    if (chunks) {
      for (const [when, text] of chunks) {
        for (const line of text.trim().split("\n")) {
          parts.push(...block(`Answered after ${seconds(when - at)}, at ${seconds(when)}:`, line));
        }
      }
    } else if (answer) {
      parts.push(...block(`Answered after ${seconds(until - at)}, ${type}:`, answer));
    } else if (!failed) {
      parts.push(make("p", { textContent: "Answered without a text." }));
    }
    if (failed) {
      const what = status ? "Broke off" : "No answer";
      parts.push(make("p", { textContent: `${what} after ${seconds(until - at)}: ${failed}.` }));
    } else if (chunks) {
      const who = ended ? "the API server" : "the program";
      parts.push(make("p", { textContent: `Ended by ${who} at ${seconds(until)}.` }));
    }
    return parts;
  };

  const row = (exchange) => {
    const { at, method, path, query, status, reason } = exchange;
    const end = status ? `${status} ${reason}` : "no answer";
    const summary = make(
      "summary",
      {},
      make("span", { className: "ran__at", textContent: seconds(at) }),
      make("b", { textContent: method }),
      make("code", { textContent: query ? `${path}?${query}` : path }),
      make("span", { className: "ran__status", textContent: end }),
    );
    const box = make("details", { className: "ran__request" }, summary);
    // Many a list is never opened any further.
    box.addEventListener("toggle", () => box.append(...details(exchange)), { once: true });
    const { body, answer, chunks } = exchange;
    const texts = [summary.textContent, body ?? "", answer ?? "", ...(chunks ?? []).flat()];
    return [make("li", {}, box), texts.join("\n").toLowerCase()];
  };

  const list = (exchanges) => {
    const rows = exchanges.map(row);
    const field = make("input", { type: "search", autocomplete: "off" });
    const found = make("output", {});
    const search = () => {
      const words = field.value.toLowerCase().split(/\s+/);
      for (const [item, text] of rows) item.hidden = !words.every((word) => text.includes(word));
      const shown = rows.filter(([item]) => !item.hidden).length;
      found.textContent = `${shown} of ${rows.length}`;
    };
    field.addEventListener("input", search);
    search();
    const label = make("label", {}, "Search in requests and answers ", field);
    return [
      make("p", { className: "ran__search" }, label, found),
      make("ol", {}, ...rows.map(([item]) => item)),
    ];
  };

  // A page that is read from a file may fetch nothing, but run scripts.
  const read = (url) =>
    new Promise((done, failed) => {
      const script = make("script", { src: `${url}.js`, onerror: failed });
      script.onload = () => done(script.run);
      document.head.append(script);
    });

  const show = async (box) => {
    const link = box.querySelector("a");
    box.dataset.shown = "";
    try {
      const run = await (link.protocol === "file:" ? read(link.href) : (await fetch(link)).json());
      box.append(...list(run.exchanges));
    } catch {
      delete box.dataset.shown;
      box.open = false;
      link.textContent = "These could not be fetched; open this again, or their file";
    }
  };

  const look = () => {
    for (const box of document.querySelectorAll(`${BOX}:not([data-shown])`)) show(box);
  };
  document.addEventListener("toggle", look, true);
  look();
}
