// Buttons that copy: of a program the text of its file, to the last byte, and any other
// block as it stands.
{
  const copies = (button, ...codes) =>
    button.addEventListener("click", async () => {
      const text = codes.map((code) => code.textContent).join("");
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });

  for (const button of document.querySelectorAll("[data-copy-program]")) {
    copies(button, ...button.closest("figure").querySelectorAll("pre > code"));
  }

  for (const code of document.querySelectorAll("article .highlight pre > code")) {
    if (code.closest(".program, .printed, .cell__output")) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
    copies(button, code);
    code.after(button);
  }
}
