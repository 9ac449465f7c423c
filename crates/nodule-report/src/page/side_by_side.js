// Any two networks of the study side by side. What they decide is read when it is opened, not before.
(() => {
  const section = document.getElementById("side-by-side");
  let started = false;

  const start = () => {
    const find = (selector) => section.querySelector(selector);
    const data = JSON.parse(find('script[type="application/json"]').textContent);
    const [first, second, less, says] = [".first", ".second", ".less", ".compared"].map(find);
    const last = data.points - 1;
    const at = { column: last, row: last };
    const FIELDS = { train: "train", loss: "loss", "read-out": "read_out", seed: "seed" };
    const once = (all) => [...new Set(all)];
    const sides = ["first", "second"].map((side) => {
      const selects = [...section.querySelectorAll(`[data-side=${side}] select`)];
      for (const select of selects) {
        const values = once(data.networks.map((n) => n[FIELDS[select.name]]));
        select.append(...values.map((value) => new Option(value, value)));
      }
      return selects;
    });

    // What a side asks for; a loss without a head has none under that read-out.
    const chosen = (selects) =>
      data.networks.find((n) => selects.every((s) => n[FIELDS[s.name]] === s.value));

    const shade = (thousandths) => {
      const share = Math.min(1, Math.abs(thousandths) / 1500);
      const end = thousandths < 0 ? [60, 130, 200] : [220, 90, 60];
      return `rgb(${end.map((c) => Math.round(255 + share * (c - 255))).join(" ")})`;
    };
    const paint = (square, values, here) => {
      [...square.children].forEach((cell, index) => {
        cell.style.background = values ? shade(values[index]) : "none";
        cell.className = index === here ? "here" : "";
      });
    };
    const text = (thousandths) =>
      ((thousandths > 0 ? "+" : "") + (thousandths / 1000).toFixed(3)).replace("-", "\u2212");

    const show = () => {
      const [a, b] = sides.map(chosen);
      const here = at.row * data.points + at.column;
      const both = a && b;
      const difference = both ? a.decisions.map((value, i) => value - b.decisions[i]) : null;
      paint(first, a?.decisions, here);
      paint(second, b?.decisions, here);
      paint(less, difference, here);
      const told = (n) => (n ? `${text(n.decisions[here])} spreads` : "no such network");
      says.textContent =
        `shape ${at.column / last}, texture ${(last - at.row) / last}: first ${told(a)}, ` +
        `second ${told(b)}${both ? `, difference ${text(difference[here])}` : ""}`;
    };

    const move = (column, row) => {
      const within = (index) => Math.max(0, Math.min(last, index));
      [at.column, at.row] = [within(column), within(row)];
      show();
    };
    const point = (event) => {
      const box = first.getBoundingClientRect();
      const index = (offset, size) => Math.floor((offset / size) * data.points);
      move(index(event.clientX - box.left, box.width), index(event.clientY - box.top, box.height));
    };
    first.addEventListener("pointermove", point);
    first.addEventListener("pointerdown", point);
    first.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      move(at.column + step[0], at.row + step[1]);
    });
    section.addEventListener("change", show);

    // At first the read-out that every loss has, and the first two losses.
    const losses = once(data.networks.map((n) => n.loss));
    const shared = data.networks.map((n) => n.read_out).find((readOut) =>
      losses.every((loss) => data.networks.some((n) => n.loss === loss && n.read_out === readOut)));
    for (const selects of sides) {
      for (const select of selects) if (select.name === "read-out" && shared) select.value = shared;
    }
    const other = sides[1].find((select) => select.name === "loss");
    if (losses.length > 1) other.value = losses[1];
    show();
  };

  section.addEventListener("toggle", () => {
    if (!section.open || started) return;
    started = true;
    start();
  });
})();
