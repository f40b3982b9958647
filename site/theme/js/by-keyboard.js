// What the theme leaves to the mouse, or to the eye: wide tables and code, the drawer and
// the search of a phone, and whether a section of the navigation is open.
{
  // Not every browser lets the keyboard scroll what it can't focus.
  const watched = new ResizeObserver((entries) => {
    // All are measured before any is changed: else each is laid out anew.
    const found = entries.map(({ target }) => [
      target,
      target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight,
    ]);
    for (const [target, scrolls] of found) {
      scrolls ? (target.tabIndex = 0) : target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll("article table, pre > code")) {
    watched.observe(box);
  }

  const tell = (box) => {
    const button = document.querySelector(`button[for="${box.id}"]`);
    if (button) button.ariaExpanded = box.checked;
  };

  // The theme opens all of them by labels of hidden boxes, which work without scripts.
  const LABELS = "label:is(.md-header__button, .md-nav__link[for])";
  const NAMES = { __drawer: "Navigation", __search: "Search" };
  for (const label of document.querySelectorAll(LABELS)) {
    const button = document.createElement("button");
    button.type = "button";
    for (const { name, value } of label.attributes) button.setAttribute(name, value);
    if (NAMES[label.htmlFor]) button.ariaLabel = NAMES[label.htmlFor];
    button.append(...label.childNodes);
    label.replaceWith(button);
    tell(document.getElementById(label.htmlFor));
  }

  addEventListener("change", ({ target }) => {
    if (target.matches(".md-toggle")) tell(target);
  });

  addEventListener("click", ({ target }) => {
    const button = target.closest("button[for]");
    if (button) document.getElementById(button.getAttribute("for")).click();
  });

  addEventListener("keydown", ({ key }) => {
    const drawer = document.getElementById("__drawer");
    if (key !== "Escape" || !drawer.checked) return;
    drawer.click();
    document.querySelector("button[for=__drawer]").focus();
  });
}
