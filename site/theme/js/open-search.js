// Keys and the label "Search" open the search. It comes when the page is done, or sooner
// if somebody asks for it. Keys turn pages too, as everywhere in the theme.
{
  const source = new URL("search.js", document.currentScript.src);
  const box = document.getElementById("__search");
  const TURNS = { n: "next", ".": "next", p: "prev", ",": "prev" };

  let script;
  const fetchSearch = () => {
    if (script) return;
    script = document.createElement("script");
    script.src = source;
    document.head.append(script);
  };

  box.addEventListener("change", fetchSearch);
  addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(fetchSearch));

  addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    if (target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (box.checked) {
      // Somebody types while the field is on its way.
      if (document.forms.search || key.length > 1) return;
      event.preventDefault();
      box.dataset.typed = (box.dataset.typed ?? "") + key;
      return;
    }
    if (["f", "s", "/"].includes(key)) {
      event.preventDefault();
      box.click();
    } else if (TURNS[key]) {
      const link = document.querySelector(`link[rel=${TURNS[key]}]`);
      if (link) location.assign(link.href);
    }
  });
}
