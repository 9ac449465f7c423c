// The page: addresses open the folds around what they lead to, the contents show the section in view, and
// all of it can be opened and printed. Without scripts everything is there, behind its folds.
(() => {
  const EVERYTHING = "#everything";
  const folds = () => document.querySelectorAll("main details");

  // `#fig-reliance` may lie behind a fold; `#explorer=...` belongs to the explorer.
  const target = () => {
    let name = location.hash.slice(1).split("=")[0];
    try {
      name = decodeURIComponent(name);
    } catch {
      return null;
    }
    return name ? document.getElementById(name) : null;
  };

  const follow = () => {
    if (location.hash === EVERYTHING) {
      for (const fold of folds()) fold.open = true;
      return;
    }
    const found = target();
    if (!found) return;
    for (let at = found; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    found.scrollIntoView();
  };

  const nav = document.getElementById("contents");
  const links = new Map();
  for (const link of nav.querySelectorAll(":scope > ol > li > a")) {
    links.set(link.getAttribute("href").slice(1), link);
  }
  const sections = [...document.querySelectorAll("main > section")];

  // In view is the last section whose beginning has come up to the upper third of the window.
  let current = null;
  const view = () => {
    const line = window.innerHeight / 3;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const passed = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const shown = (atEnd && window.scrollY > 0 ? sections.at(-1) : passed.at(-1)) ?? sections[0];
    if (shown === current) return;
    current = shown;
    for (const [id, link] of links) {
      if (id === shown.id) {
        link.setAttribute("aria-current", "true");
        // A row of contents scrolls by itself; the page stays where it is.
        nav.scrollLeft = link.offsetLeft - nav.clientWidth / 3;
      } else {
        link.removeAttribute("aria-current");
      }
    }
  };
  let waiting = false;
  const scrolled = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      view();
    }, 50);
  };

  const print = nav.querySelector("[data-print]");
  print.hidden = false;
  print.addEventListener("click", () => {
    const shut = [...folds()].filter((fold) => !fold.open);
    for (const fold of shut) fold.open = true;
    window.print();
    for (const fold of shut) fold.open = false;
  });

  window.addEventListener("hashchange", follow);
  // A second time it is no change of the address, and opens what was shut meanwhile.
  for (const link of nav.querySelectorAll(".all a")) {
    link.addEventListener("click", () => setTimeout(follow));
  }
  window.addEventListener("scroll", scrolled, { passive: true });
  window.addEventListener("resize", scrolled);
  follow();
  view();
})();
