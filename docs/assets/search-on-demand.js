// The theme fetches the index of the search, and the script that searches it, with every
// page. Both wait here until the search is opened, or an address asks for it: ?q= opens
// it, ?h= marks what was searched for. From a folder, the theme waits by itself.
(() => {
  if (location.protocol === "file:") return;
  const asked = ["q", "h"].some((name) => new URLSearchParams(location.search).has(name));
  const opened = new Promise((open) => {
    if (asked) open();
    document.getElementById("__search").addEventListener("change", open, { once: true });
    document.forms.search.addEventListener("focusin", open, { once: true });
  });

  const { open, send } = XMLHttpRequest.prototype;
  const indexes = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    if (String(url).endsWith("/search/search_index.json")) indexes.add(this);
    open.call(this, method, url, ...more);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (indexes.has(this)) opened.then(() => send.call(this, body));
    else send.call(this, body);
  };

  const Started = Worker;
  window.Worker = class extends EventTarget {
    #worker;
    constructor(url) {
      super();
      this.#worker = opened.then(() => {
        const worker = new Started(url);
        worker.onmessage = ({ data }) =>
          this.dispatchEvent(new MessageEvent("message", { data }));
        return worker;
      });
    }
    postMessage(message) {
      this.#worker.then((worker) => worker.postMessage(message));
    }
  };
})();
