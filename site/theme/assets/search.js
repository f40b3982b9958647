{% import "partials/language.html" as lang with context %}
{% set search %}{% include "partials/search.html" %}{% endset %}
// The search is the theme's. This puts its form into the header in the place of the label
// that stands there, and fetches the theme's script once the search is opened.
{
  const base = new URL("..", document.currentScript.src);
  const at = (path) => new URL(path, base).href;
  const box = document.getElementById("__search");

  const make = (name, properties) =>
    document.head.appendChild(Object.assign(document.createElement(name), properties));

  const fetchScript = () => {
    box.removeEventListener("change", fetchScript);
    // What the rest of the page does is no business of the theme's script.
    const SEARCH = "[data-md-component^=search], [data-md-component=header], main";
    for (const part of document.querySelectorAll("[data-md-component]")) {
      if (!part.matches(SEARCH)) part.removeAttribute("data-md-component");
    }
    make("script", {
      id: "__config",
      type: "application/json",
      text: JSON.stringify({
        base: base.href,
        features: ["search.highlight"],
        search: at("{{ 'assets/javascripts/workers/search.*.min.js' | of_the_theme }}"),
        translations: {
          {% for key in ["placeholder", "none", "one", "other", "more.one", "more.other", "term.missing"] %}
          "search.result.{{ key }}": {{ lang.t("search.result." ~ key) | tojson }},
          {% endfor %}
        },
      }),
    });
    make("script", {
      src: at("{{ 'assets/javascripts/bundle.*.min.js' | of_the_theme }}"),
      // It waits for a page to be loaded; this one is.
      onload: () => document.dispatchEvent(new Event("DOMContentLoaded")),
    });
  };

  make("link", {
    rel: "stylesheet",
    href: at("assets/search.css"),
    onload: () => {
      const label = document.querySelector(".md-header__button[for=__search]");
      label.insertAdjacentHTML("afterend", {{ search | replace('role="dialog"', 'role="dialog" aria-label="Search"') | tojson }});
      const field = document.forms.search.query;
      field.value = box.dataset.typed ?? "";
      const open = () => {
        if (box.checked) field.focus();
      };
      box.addEventListener("change", open);
      // Who only passes by with Tab doesn't need it.
      const show = () => box.checked || box.click();
      field.addEventListener("click", show);
      field.addEventListener("input", show);
      box.addEventListener("change", fetchScript);
      open();
      if (box.checked || new URLSearchParams(location.search).has("q")) fetchScript();
    },
  });
}
