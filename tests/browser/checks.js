// Checks of the page in a browser. Scripts pass their result to `report`.
const everything = async () => {
  location.hash = "#everything";
  await settled();
};

// Waits for events of opened sections, and dispatches the scroll event that a headless browser with a virtual clock omits.
const settled = async () => {
  const later = (ms) => new Promise((done) => setTimeout(done, ms));
  await later(100);
  window.dispatchEvent(new Event("scroll"));
  await later(200);
};

const visible = (element) => element.getClientRects().length > 0;

// Elements that extend beyond the page, unless a scrolling element contains them.
const beyondThePage = () => {
  const width = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push(`page ${document.documentElement.scrollWidth}`);
  for (const element of document.querySelectorAll("main *, nav *")) {
    if (element.closest(".scroll, pre, #contents, svg, .square, .still, .picture, .skip")) continue;
    if (visible(element) && element.getBoundingClientRect().right > width + 1) {
      found.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`);
    }
  }
  return found.slice(0, 5);
};

// Texts of drawings that extend beyond their drawing.
const clippedTexts = () => {
  const found = [];
  let count = 0;
  for (const svg of document.querySelectorAll("svg")) {
    const outer = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const inner = text.getBoundingClientRect();
      count += 1;
      const inside = inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
        inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
      const name = svg.closest("figure")?.id ?? svg.querySelector("title").textContent;
      if (!inside) found.push(`${name}: ${text.textContent}`);
    }
  }
  return { count, found };
};

// Links within the page without a target, and drawings without title or description.
const deadLinks = () => {
  const links = [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute("href").slice(1));
  return links.filter((id) => id !== "everything" && !document.getElementById(id));
};
const silentDrawings = () =>
  [...document.querySelectorAll("svg")].filter(
    (svg) => !svg.querySelector("title")?.textContent || !svg.querySelector("desc")?.textContent,
  ).length;
