// `judge` has axe look at the page, but at one text of each look only for its contrast.
//
// Contrast is a matter of colours, of what lies behind, and of size and weight. So texts
// look alike if all of that is the same for them and for each element around them, and
// if the same boxes from elsewhere on the page lie over or under them. For links, it
// matters as well whether they stand among other words.
{
  const STYLES = [
    "color", "backgroundColor", "backgroundImage", "opacity", "mixBlendMode", "filter",
    "fontSize", "fontWeight", "textDecorationLine", "textShadow", "display",
  ];
  const CLEAR = "rgba(0, 0, 0, 0)";
  const judged = new Set();

  const styleOf = (node, pseudo) => {
    const style = getComputedStyle(node, pseudo);
    if (pseudo && style.content === "none") return "";
    return STYLES.map((name) => style[name]).join();
  };
  const paints = (node) => {
    const { position, backgroundColor, backgroundImage } = getComputedStyle(node);
    return position !== "static" && (backgroundColor !== CLEAR || backgroundImage !== "none");
  };
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const hasText = (node) =>
    node.matches("input, select, textarea, button")
    || [...node.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  const amongWords = (link) => {
    let block = link;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const inLinks = [...block.querySelectorAll("a")].map((each) => each.textContent);
    return block.textContent.trim().length > inLinks.join("").trim().length;
  };

  // By look, the texts that are shown. An element comes after its parent.
  const find = () => {
    const shown = [...document.querySelectorAll("*")].filter((node) =>
      node.checkVisibility({ visibilityProperty: true }));
    const boxes = shown.filter(paints).map((node) => [node, node.getBoundingClientRect()]);
    const chains = new Map();
    const looks = new Map();
    for (const node of shown) {
      const own = [null, "::before", "::after"].map((pseudo) => styleOf(node, pseudo));
      const chain = `${chains.get(node.parentElement) ?? ""}/${own.join("|")}`;
      chains.set(node, chain);
      if (!hasText(node)) continue;
      const place = node.getBoundingClientRect();
      const others = boxes.filter(([box, at]) =>
        meet(place, at) && !box.contains(node) && !node.contains(box));
      const role = node.closest("a[href]") && amongWords(node.closest("a[href]"));
      const look = chain + others.map(([box]) => styleOf(box)).join("+") + role;
      looks.set(look, [...(looks.get(look) ?? []), node]);
    }
    return looks;
  };

  const run = async (texts, options) => {
    const marked = texts.flatMap((node) => [node, node.closest("a[href]") ?? node]);
    marked.forEach((node) => node.setAttribute("data-look", ""));
    const { violations, incomplete } = await axe.run(document, {
      ...options,
      resultTypes: ["violations", "incomplete"],
      elementRef: true, // of what it could not judge
    });
    marked.forEach((node) => node.removeAttribute("data-look"));
    const unsure = incomplete.filter(({ id }) => id === "color-contrast")
      .flatMap(({ nodes }) => nodes.map(({ element }) => element));
    const faults = violations.flatMap(({ id, nodes }) => nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map(({ message }) => message);
      return `${id}: ${node.html.slice(0, 120)}: ${why.join("; ")}`;
    }));
    return [faults, new Set(unsure)];
  };

  axe.configure({
    rules: [
      { id: "color-contrast", selector: "[data-look]" },
      { id: "link-in-text-block", selector: "a[href][data-look]" },
    ],
  });

  // What axe finds by these options. Without them, by those for rules of colours, and only
  // if there is a look that it has not judged yet.
  window.judge = async (options, ofColours) => {
    const looks = [...find()].filter(([look]) => !judged.has(look));
    looks.forEach(([look]) => judged.add(look));
    if (!options && !looks.length) return [];
    const first = looks.map(([, [node]]) => node);
    const [faults, unsure] = await run(first, options ?? ofColours);
    // It can't judge what lies under something else, say. Then all of that look.
    const others = looks.flatMap(([, [node, ...more]]) => (unsure.has(node) ? more : []));
    return others.length ? [...faults, ...(await run(others, ofColours))[0]] : faults;
  };
}
