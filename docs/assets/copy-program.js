// The copy button of a program: the text of the file, to the last byte.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-program]");
  if (!button) return;
  const code = button.closest("figure").querySelector("pre code");
  await navigator.clipboard.writeText(code.textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
});
