// Buttons that copy: of a program the text of its file, to the last byte, and of any other
// block what a reader would type, without prompts and answers.
{
  const copy = async (button, text) => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };

  const typed = (code) => {
    const clone = code.cloneNode(true);
    for (const part of clone.querySelectorAll(".gp, .go")) part.remove();
    return clone.textContent;
  };

  for (const button of document.querySelectorAll("[data-copy-program]")) {
    const code = button.closest("figure").querySelector("pre code");
    button.addEventListener("click", () => copy(button, code.textContent));
  }

  for (const code of document.querySelectorAll("article .highlight pre > code")) {
    if (code.closest(".program, .printed, .cell__output")) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
    button.addEventListener("click", () => copy(button, typed(code)));
    code.after(button);
  }
}
