// Page: an address opens the collapsed parts around its target, the contents mark the section in view, and all parts
// can be opened and printed. Without scripts, the reader opens the parts by hand.
(() => {
  const EVERYTHING = "#everything";
  const collapsible = () => document.querySelectorAll("main details");

  // `#fig-reliance` may be in a collapsed part; `#explorer=...` belongs to the explorer.
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
      for (const part of collapsible()) part.open = true;
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

  // The section in view is the last one that begins in the upper third of the window.
  let current = null;
  const markCurrent = () => {
    const line = window.innerHeight / 3;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const passed = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const shown = (atEnd && window.scrollY > 0 ? sections.at(-1) : passed.at(-1)) ?? sections[0];
    if (shown === current) return;
    current = shown;
    for (const [id, link] of links) {
      if (id === shown.id) {
        link.setAttribute("aria-current", "true");
        // On narrow screens the contents are a row that scrolls sideways.
        nav.scrollLeft = link.offsetLeft - nav.clientWidth / 3;
      } else {
        link.removeAttribute("aria-current");
      }
    }
  };
  let isScheduled = false;
  const scheduleMark = () => {
    if (isScheduled) return;
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      markCurrent();
    }, 50);
  };

  const print = nav.querySelector("[data-print]");
  print.hidden = false;
  print.addEventListener("click", () => {
    const closed = [...collapsible()].filter((part) => !part.open);
    for (const part of closed) part.open = true;
    window.print();
    for (const part of closed) part.open = false;
  });

  window.addEventListener("hashchange", follow);
  // A second click does not change the address, but opens parts that were closed in the meantime.
  for (const link of nav.querySelectorAll(".all a")) {
    link.addEventListener("click", () => setTimeout(follow));
  }
  window.addEventListener("scroll", scheduleMark, { passive: true });
  window.addEventListener("resize", scheduleMark);
  follow();
  markCurrent();
})();
