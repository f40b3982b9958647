// The marks of statements that were checked show for readers who ask for them: where the page
// ends, and from then on everywhere.
{
  const KEPT = "kubernetes-overview.claims";
  const box = document.querySelector(".page-end input");
  const root = document.documentElement;
  if (box) {
    box.checked = root.hasAttribute("data-claims");
    box.addEventListener("change", () => {
      root.toggleAttribute("data-claims", box.checked);
      try {
        box.checked ? localStorage.setItem(KEPT, "shown") : localStorage.removeItem(KEPT);
      } catch {
        // A browser that keeps nothing: the choice is for this page.
      }
    });
  }
}
