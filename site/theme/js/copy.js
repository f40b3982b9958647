// Buttons that copy: of a program the text of its file, to the last byte, any other block as
// it stands, and the command in the row that says how to run a page.
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

  const addButton = (code, before = code) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
    copies(button, code);
    before.after(button);
  };

  for (const code of document.querySelectorAll("article .highlight pre > code")) {
    if (!code.closest(".program, .printed, .cell__output")) addButton(code);
  }

  // No button belongs in a summary, which is one.
  for (const row of document.querySelectorAll(".run__box > summary")) {
    addButton(row.querySelector("code"), row.parentElement);
  }
}
