// The copy button of a program: the text of the file, to the last byte.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-program]");
  if (!button) return;
  const code = button.closest("figure").querySelector("pre code");
  await navigator.clipboard.writeText(code.textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
});

// The theme puts each of its copy buttons into a <nav>. They do not navigate, and a
// screen reader would list dozens of navigations without a name.
addEventListener("load", () => {
  for (const nav of document.querySelectorAll(".md-code__nav")) nav.role = "presentation";
});
