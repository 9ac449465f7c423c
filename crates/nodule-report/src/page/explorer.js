// The explorer: what a network decides and looks at, at the chosen point of the square. The address
// ends in #explorer=LOSS,READ-OUT,SHAPE,TEXTURE, with ,LOSS,READ-OUT of a second network beside it, so that
// a view can be linked to. Its pictures are read when it is opened, not before.
(() => {
  const section = document.getElementById("explorer");
  const isLinked = () => /^#explorer(=|$)/.test(location.hash);
  let started = false;
  const begin = () => {
    if (started) return;
    started = true;
    start();
  };
  section.addEventListener("toggle", () => section.open && begin());
  const opened = () => {
    if (!isLinked()) return;
    section.open = true;
    begin();
  };
  window.addEventListener("hashchange", opened);

  const start = () => {
    const find = (selector) => section.querySelector(selector);
    const data = JSON.parse(find('script[type="application/json"]').textContent);
    const [square, nodule, map, says] = [".square", ".nodule", ".map", "output"].map(find);
    const last = data.points - 1;
    const [against, versus, gauge, needle, changes] =
      ["select", ".versus", ".gauge", ".gauge i", ".changes"].map(find);
    const [square2, difference, map2, differs] =
      [".square2", ".difference", ".map2", ".differs"].map(find);
    const state = { loss: "", readOut: "", column: last, row: last };
    // Where the colours and the gauge end, in spreads.
    const MOST = 1.5;
    const GAUGE = 3;

    const named = (loss, readOut) =>
      data.networks.find((n) => n.loss === loss && n.read_out === readOut);
    const network = () => named(state.loss, state.readOut);
    const name = (n) => `${n.loss}, ${n.read_out}`;
    against.append(...data.networks.map((n) => new Option(name(n), data.networks.indexOf(n))));

    // From blue by way of white to red, as the squares are coloured.
    const shade = (value) => {
      const share = Math.min(1, Math.abs(value));
      const end = value < 0 ? [60, 130, 200] : [220, 90, 60];
      return `rgb(${end.map((c) => Math.round(255 + share * (c - 255))).join(" ")})`;
    };

    const choose = (loss, readOut) => {
      const ofLoss = data.networks.filter((n) => n.loss === loss);
      const found = ofLoss.find((n) => n.read_out === readOut) ?? ofLoss[0] ?? data.networks[0];
      [state.loss, state.readOut] = [found.loss, found.read_out];
    };

    const place = (element, sheet) => {
      element.style.backgroundImage = sheet ? `url(${sheet})` : "none";
      const percent = (index) => `${(100 * index) / last}%`;
      element.style.backgroundPosition = `${percent(state.column)} ${percent(state.row)}`;
    };

    const minus = (text) => text.replace("-", "\u2212");
    const signed = (value) => minus((value > 0 ? "+" : "") + value.toFixed(3));
    const paint = (cells, colours, at) => {
      [...cells.children].forEach((cell, index) => {
        cell.style.background = colours[index];
        cell.className = index === at ? "here" : "";
      });
    };
    const placeMap = (element, shown) => {
      place(element, shown.maps);
      element.textContent = shown.maps ? "" : `${shown.read_out} has no derivative, and so no map`;
    };

    // The same nodule before and after one of the two alone goes from its lowest level to its highest.
    const change = (decisions) => {
      const by = (from, to) => decisions[to] - decisions[from];
      const line = state.row * data.points;
      const shape = by(line, line + last);
      const texture = by(last * data.points + state.column, state.column);
      changes.textContent =
        `From its lowest to its highest level here, shape alone moves the decision by ` +
        `${signed(shape)} spreads, texture alone by ${signed(texture)}.`;
    };

    const compare = (shown, at) => {
      const other = data.networks[against.value];
      versus.hidden = !other;
      if (!other) return;
      const less = shown.decisions.map((value, index) => value - other.decisions[index]);
      paint(square2, other.colours, at);
      paint(difference, less.map((value) => shade(value / MOST)), at);
      placeMap(map2, other);
      differs.textContent =
        `${name(other)}: ${signed(other.decisions[at])} spreads; ` +
        `${name(shown)} minus ${name(other)}: ${signed(less[at])}`;
    };

    const show = () => {
      const shown = network();
      for (const input of section.querySelectorAll("input[type=radio]")) {
        const loss = input.name === "loss";
        input.checked = input.value === (loss ? state.loss : state.readOut);
        input.disabled = !loss &&
          !data.networks.some((n) => n.loss === state.loss && n.read_out === input.value);
      }
      const at = state.row * data.points + state.column;
      paint(square, shown.colours, at);
      place(nodule, data.nodules);
      placeMap(map, shown);
      const decision = shown.decisions[at];
      const within = Math.max(-GAUGE, Math.min(GAUGE, decision));
      needle.style.left = `${50 + (50 * within) / GAUGE}%`;
      gauge.setAttribute("aria-valuenow", within.toFixed(3));
      change(shown.decisions);
      compare(shown, at);
      says.textContent =
        `${shown.loss}, ${shown.read_out}: shape ${state.column / last}, ` +
        `texture ${(last - state.row) / last}: ` +
        `${decision > 0 ? "abnormal" : "normal"}, ${signed(decision)} spreads`;
    };

    const remember = () => {
      const view = [state.loss, state.readOut, state.column / last, (last - state.row) / last];
      const other = data.networks[against.value];
      if (other) view.push(other.loss, other.read_out);
      try {
        history.replaceState(null, "", `#explorer=${view.map(encodeURIComponent).join(",")}`);
      } catch {
        // Some browsers refuse it for files; the view is shown all the same.
      }
    };

    const move = (column, row) => {
      const within = (index) => Math.max(0, Math.min(last, index));
      [state.column, state.row] = [within(column), within(row)];
      show();
    };

    const point = (event) => {
      const box = square.getBoundingClientRect();
      const index = (offset, size) => Math.floor((offset / size) * data.points);
      move(index(event.clientX - box.left, box.width), index(event.clientY - box.top, box.height));
    };

    square.addEventListener("pointermove", point);
    square.addEventListener("pointerdown", (event) => {
      point(event);
      remember();
    });
    square.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      move(state.column + step[0], state.row + step[1]);
      remember();
    });
    section.addEventListener("change", (event) => {
      const { name, value } = event.target;
      if (name === "loss" || name === "read-out") {
        choose(name === "loss" ? value : state.loss, name === "loss" ? state.readOut : value);
      }
      show();
      remember();
    });

    // An address typed wrongly shows the first view.
    const decoded = (text) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return "";
      }
    };

    const read = () => {
      const [, view] = location.hash.split("#explorer=");
      const parts = (view ?? "").split(",").map(decoded);
      const [loss, readOut, shape, texture, otherLoss, otherReadOut] = parts;
      choose(loss, readOut);
      const other = data.networks.indexOf(named(otherLoss, otherReadOut));
      against.value = other < 0 ? "" : other;
      const index = (level, other) => (level >= 0 && level <= 1 ? Math.round(level * last) : other);
      move(index(parseFloat(shape), last), last - index(parseFloat(texture), 0));
    };
    window.addEventListener("hashchange", () => isLinked() && read());
    read();
  };
  opened();
})();
