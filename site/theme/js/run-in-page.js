// Programs whose run was recorded have a button that runs them in the page. All that this takes
// comes with the first click, where the browser can.
{
  const script = new URL("python/run.js", document.currentScript.src);
  const can = window.Worker && window.WebAssembly && window.DecompressionStream;
  for (const button of document.querySelectorAll("[data-run]")) {
    button.hidden = !can;
    button.addEventListener("click", async () => (await import(script)).open(button));
  }
}
