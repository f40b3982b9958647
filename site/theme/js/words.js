// What does a word of the glossary mean? Shown beside it, for a pointer or a tap. Browsers
// that know no popovers show it as they show any title.
if (HTMLElement.prototype.showPopover) {
  const tip = document.createElement("div");
  Object.assign(tip, { className: "word", role: "tooltip", popover: "manual" });

  let word;
  const hide = () => {
    if (!word) return;
    word.title = tip.textContent;
    word = undefined;
    tip.hidePopover();
    tip.remove();
  };

  const show = (abbr) => {
    hide();
    word = abbr;
    tip.textContent = abbr.title;
    // Else the browser would show it too.
    abbr.removeAttribute("title");
    document.body.append(tip);
    tip.showPopover();
    const { left, top, bottom } = abbr.getClientRects()[0];
    const { offsetWidth, offsetHeight } = tip;
    const over = top - offsetHeight;
    tip.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
    tip.style.top = `${over > 60 ? over : bottom}px`;
  };

  document.addEventListener("pointerover", ({ target }) => {
    if (word && (word.contains(target) || tip.contains(target))) return;
    const abbr = target.closest("abbr[title]");
    abbr ? show(abbr) : hide();
  });
  addEventListener("scroll", hide, { passive: true });
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
}
