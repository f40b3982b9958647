// Answers a program's requests with the answers of a recorded run, and keeps the program's time.
//
// It knows no browser and no Python, so that tests can call it. It answers strictly in the
// recorded order, and only what was asked in the recorded run: anything else is refused.

const PARTS = ["method", "path", "query", "body", "content"];

/** The answers to one program's requests. */
export class Player {
  /**
   * @param {object} recorded A program's recorded run, as `assets/runs/` has it.
   * @param {(from: number, to: number) => void} pass Is told when the program's clock moves on,
   *   in milliseconds since the program began. It may wait for that long.
   */
  constructor(recorded, pass = () => {}) {
    this.exchanges = recorded.exchanges;
    this.next = 0;
    this.refused = undefined;
    this.time = recorded.start * 1000;
    this.start = this.time;
    this.pass = pass;
  }

  /** @returns {number} The program's time, in milliseconds since 1970. */
  now() {
    return this.time;
  }

  /**
   * Let time pass.
   *
   * @param {number} seconds How long, as `time.sleep` takes it.
   */
  sleep(seconds) {
    this.moveTo(this.time + seconds * 1000);
  }

  /**
   * Answer a request, if it is the one that the recorded run sent next.
   *
   * @param {string} method Such as "GET".
   * @param {string} target The path and the query, as in "/api/v1/pods?limit=5".
   * @param {string | null} body What is sent, or null.
   * @param {string | null} content The media type of what is sent, or null.
   * @returns {object} Either `refused`, a sentence that says why there is no answer, or `status`,
   *   `reason`, `headers` (pairs) and `read`. Each call of `read` returns the next part of the answer, and
   *   undefined after the last; or it returns an object with `refused`, where the recorded run
   *   read no further either.
   */
  request(method, target, body = null, content = null) {
    const [path, query = ""] = target.split(/\?(.*)/s);
    const recorded = this.exchanges[this.next];
    const asked = { method, path, query, body, content };
    const other = recorded ? PARTS.find((part) => !same(part, asked, recorded)) : "method";
    if (other) this.refused ??= refusal(asked, other);
    // Nothing that a program asks after that is true any more.
    if (this.refused) return { refused: this.refused };
    this.next += 1;
    if (!recorded.chunks) this.moveTo(this.start + recorded.until);
    const { status, reason, type } = recorded;
    const headers = Object.entries({ "Content-Type": type, ...recorded.headers });
    return { status, reason, headers, read: this.reader(recorded, `${method} ${path}`) };
  }

  reader(recorded, asked) {
    const all = recorded.chunks ?? [[recorded.until, recorded.answer]];
    const parts = all.filter(([, text]) => text);
    return () => {
      if (this.refused) return { refused: this.refused };
      if (parts.length) {
        const [at, text] = parts.shift();
        this.moveTo(this.start + at);
        return text;
      }
      // There the program stopped reading. What the API server sent after that, nobody knows.
      if (recorded.chunks && !recorded.ended) {
        this.refused = `The recorded run read no further in the answer to this: ${asked}`;
        return { refused: this.refused };
      }
      this.moveTo(this.start + recorded.until);
      return undefined;
    };
  }

  moveTo(time) {
    if (time <= this.time) return;
    this.pass(this.time - this.start, time - this.start);
    this.time = time;
  }
}

function same(part, asked, recorded) {
  if (part === "query") return equal(pairs(asked.query), pairs(recorded.query ?? ""));
  if (part === "body") return equal(parsed(asked.body), parsed(recorded.body ?? null));
  if (part === "content") return asked.content === (recorded.content ?? null);
  return asked[part] === recorded[part];
}

function refusal({ method, path, query }, other) {
  const target = query ? `${path}?${query}` : path;
  const ending = { body: ", with this body", content: ", with this Content-Type" }[other] ?? "";
  return `This was not asked in the recorded run: ${method} ${target}${ending}`;
}

function pairs(query) {
  return [...new URLSearchParams(query)].map((pair) => JSON.stringify(pair)).sort();
}

// JSON is compared by what it says: spaces and the order of names don't matter.
function parsed(body) {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

// The same JSON, in whatever order an object's names are.
function equal(one, other) {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(_, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
