// Tables: a click on a heading sorts by its column; long tables can be searched and filtered. A table is prepared when
// it is first opened.
(() => {
  const LONG = 8;
  const MOST_OPTIONS = 20;

  // `−0.123 [..] (3)` sorts by −0.123, text alphabetically; cells without a number are last.
  const number = (text) => {
    const found = text.replace(/\u2212/g, "-").match(/^[<\s]*(-?\d+(\.\d+)?(e-?\d+)?)/);
    return found ? parseFloat(found[1]) : null;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    if (x !== null || y !== null) return x !== null ? -1 : 1;
    return a.localeCompare(b);
  };
  const text = (row, column) => row.cells[column]?.textContent.trim() ?? "";

  const makeSortable = (table, headings, rows) => {
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent || "id";
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const isAscending = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
        const sorted = [...rows].sort((a, b) => compare(text(a, column), text(b, column)));
        table.tBodies[0].append(...(isAscending ? sorted : sorted.reverse()));
      });
    });
  };

  const makeFilters = (headings, rows) => {
    const filters = [];
    headings.forEach((heading, column) => {
      const values = [...new Set(rows.map((row) => text(row, column)))];
      const isText = values.every((value) => number(value) === null);
      if (!isText || values.length < 2 || values.length > MOST_OPTIONS) return;
      const label = document.createElement("label");
      const select = document.createElement("select");
      select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
      label.append(`${heading.textContent} `, select);
      filters.push({ label, column, select });
    });
    return filters;
  };

  const makeSearchable = (figure, headings, rows) => {
    const bar = document.createElement("div");
    bar.className = "tools";
    const label = document.createElement("label");
    const search = document.createElement("input");
    search.type = "search";
    label.append("Search ", search);
    const filters = makeFilters(headings, rows);
    const count = document.createElement("output");
    bar.append(label, ...filters.map((filter) => filter.label), count);
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of rows) {
        const content = row.textContent.toLowerCase();
        const isFound = words.every((word) => content.includes(word)) &&
          filters.every((f) => !f.select.value || text(row, f.column) === f.select.value);
        row.hidden = !isFound;
        found += isFound;
      }
      count.textContent = `${found} of ${rows.length} rows`;
    };
    bar.addEventListener("input", show);
    show();
    figure.querySelector(".scroll").before(bar);
  };

  const prepare = (figure) => {
    if (figure.dataset.ready) return;
    figure.dataset.ready = "yes";
    const table = figure.querySelector("table");
    const [headings, rows] = [[...table.tHead.rows[0].cells], [...table.tBodies[0].rows]];
    if (rows.length >= LONG) makeSearchable(figure, headings, rows);
    if (rows.length > 1) makeSortable(table, headings, rows);
  };

  const prepareAll = (part) => part.querySelectorAll("figure.table").forEach(prepare);
  for (const part of document.querySelectorAll("details.more")) {
    if (part.open) prepareAll(part);
    part.addEventListener("toggle", () => part.open && prepareAll(part));
  }
})();
