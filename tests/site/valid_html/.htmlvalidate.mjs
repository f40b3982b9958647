// What the HTML standard wants, what WCAG wants, and what a whole page needs.
export default {
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
  rules: {
    // All files are of the site's own host.
    "require-sri": ["error", { target: "crossorigin" }],
    // The standard lets any element have a name that has a role, such as a list.
    "aria-label-misuse": ["error", { allowAnyNamable: true }],

    // Of the theme: its menus open by checkboxes that nobody sees,
    "input-missing-label": "off", // axe checks the labels of what can be seen
    "valid-autocomplete": "off",
    // its search finds while you type,
    "wcag/h32": "off",
    // and a page's contents are there twice, of which one is shown.
    "unique-landmark": "off",
  },
};
