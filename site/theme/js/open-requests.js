// The list of what a program asked the API server comes when the first box of one is opened.
{
  const source = new URL("requests.js", document.currentScript.src);
  const fetchScript = ({ target }) => {
    if (!target.matches(".ran--requests[open]")) return;
    document.removeEventListener("toggle", fetchScript, true);
    const script = document.createElement("script");
    script.src = source;
    document.head.append(script);
  };
  document.addEventListener("toggle", fetchScript, true);
}
