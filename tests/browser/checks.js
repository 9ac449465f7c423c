// What a reader's browser finds on the page, measured with every fold open; `report` sends it out.
const everything = async () => {
  location.hash = "#everything";
  await settled();
};

// Folds say that they were opened a moment later. A browser without a window draws nothing while its clock is
// run for it, and so does not tell of scrolling: that is told here.
const settled = async () => {
  const later = (ms) => new Promise((done) => setTimeout(done, ms));
  await later(100);
  window.dispatchEvent(new Event("scroll"));
  await later(200);
};

const visible = (element) => element.getClientRects().length > 0;

// Elements that reach beyond the page, unless they lie in something that scrolls by itself.
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

// Texts of drawings that reach beyond their drawing.
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

// Addresses within the page that lead nowhere, and drawings without words.
const deadLinks = () => {
  const links = [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute("href").slice(1));
  return links.filter((id) => id !== "everything" && !document.getElementById(id));
};
const silentDrawings = () =>
  [...document.querySelectorAll("svg")].filter(
    (svg) => !svg.querySelector("title")?.textContent || !svg.querySelector("desc")?.textContent,
  ).length;
