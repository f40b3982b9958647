// Which section is being read? Its line in the list of contents is marked, and the header
// tells the page's title once that is out of sight.
{
  const HEADER = 100; // px: what is above that is hidden, or about to be
  const drawer = document.getElementById("__drawer");
  const title = document.querySelector(".md-header__title");
  const heading = document.querySelector("h1");
  const lists = [...document.querySelectorAll("[data-md-component=toc]")].map((list) =>
    [...list.querySelectorAll("a")].map((link) => ({
      link,
      section: document.getElementById(decodeURIComponent(link.hash.slice(1))),
    })),
  );

  // Only what scrolls it: the page stays where it is.
  const bringIntoSight = (link) => {
    const box = link.closest(".md-sidebar__scrollwrap");
    const { top, height } = box.getBoundingClientRect();
    const far = link.getBoundingClientRect().top - top - height / 2;
    if (Math.abs(far) > height / 4) box.scrollTop += far;
  };

  let current;
  const look = () => {
    const above = (part) => part.getBoundingClientRect().top < HEADER;
    title.classList.toggle("md-header__title--active", above(heading) && scrollY > 0);
    for (const list of lists) {
      const passed = list.filter(({ section }) => section && above(section)).length;
      for (const [index, { link }] of list.entries()) {
        link.classList.toggle("md-nav__link--passed", index < passed);
        link.classList.toggle("md-nav__link--active", index === passed - 1);
      }
      const now = list[passed - 1]?.link;
      if (now && now !== current && now.checkVisibility()) bringIntoSight((current = now));
    }
  };

  let waiting;
  const lookSoon = () => {
    waiting ??= requestAnimationFrame(() => {
      waiting = undefined;
      look();
    });
  };
  addEventListener("scroll", lookSoon, { passive: true });
  addEventListener("resize", lookSoon);
  lookSoon();

  // Measured in the first frame: before, other scripts still change the page.
  const page = document.querySelector(".md-nav--primary a.md-nav__link--active");
  requestAnimationFrame(() => page?.checkVisibility() && bringIntoSight(page));

  // A link to a section leads out of the drawer.
  addEventListener("hashchange", () => (drawer.checked = false));
}
