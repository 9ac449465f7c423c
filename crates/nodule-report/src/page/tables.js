// Tables: a click on a heading sorts by its column, long ones can be searched and filtered. Nothing is done
// to a table before it is seen.
(() => {
  const LONG = 8;
  const FEW = 20;

  // `−0.123 [..] (3)` sorts by −0.123, a name by itself; what has no number goes last.
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

  const sortable = (table, headings, rows) => {
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent || "name";
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sorted = [...rows].sort((a, b) => compare(text(a, column), text(b, column)));
        table.tBodies[0].append(...(up ? sorted : sorted.reverse()));
      });
    });
  };

  const filters = (headings, rows) => {
    const made = [];
    headings.forEach((heading, column) => {
      const values = [...new Set(rows.map((row) => text(row, column)))];
      const isNamed = values.every((value) => number(value) === null);
      if (!isNamed || values.length < 2 || values.length > FEW) return;
      const label = document.createElement("label");
      const select = document.createElement("select");
      const name = heading.textContent;
      select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
      label.append(`${name} `, select);
      made.push({ label, column, select });
    });
    return made;
  };

  const searchable = (figure, headings, rows) => {
    const bar = document.createElement("div");
    bar.className = "tools";
    const label = document.createElement("label");
    const search = document.createElement("input");
    search.type = "search";
    label.append("Search ", search);
    const chosen = filters(headings, rows);
    const said = document.createElement("output");
    bar.append(label, ...chosen.map((filter) => filter.label), said);
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        const all = row.textContent.toLowerCase();
        const found = words.every((word) => all.includes(word)) &&
          chosen.every((f) => !f.select.value || text(row, f.column) === f.select.value);
        row.hidden = !found;
        count += found;
      }
      said.textContent = `${count} of ${rows.length} rows`;
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
    if (rows.length >= LONG) searchable(figure, headings, rows);
    if (rows.length > 1) sortable(table, headings, rows);
  };

  const within = (fold) => fold.querySelectorAll("figure.table").forEach(prepare);
  for (const fold of document.querySelectorAll("details.more")) {
    if (fold.open) within(fold);
    fold.addEventListener("toggle", () => fold.open && within(fold));
  }
})();
