// The button for the colours. What it sets is kept; until then they follow the system. A
// phone shows that of the page around it too.
{
  const KEPT = "kubernetes-overview.scheme";
  const SCHEME = "data-md-color-scheme";
  const button = document.querySelector(".colours");
  const around = document.createElement("meta");
  around.name = "theme-color";
  document.head.append(around);

  const shown = () => document.body.getAttribute(SCHEME);
  const show = (scheme) => {
    document.body.setAttribute(SCHEME, scheme);
    requestAnimationFrame(() => {
      around.content = getComputedStyle(document.body).backgroundColor;
    });
    button.title = button.ariaLabel = `Switch to ${scheme === "slate" ? "light" : "dark"} mode`;
  };

  button.addEventListener("click", () => {
    const scheme = shown() === "slate" ? "default" : "slate";
    show(scheme);
    try {
      localStorage.setItem(KEPT, scheme);
    } catch {
      // A browser that keeps nothing: the choice is for this page.
    }
  });
  show(shown());
}
