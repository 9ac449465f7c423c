// The explorer: what a network decides and looks at, at the chosen point of the square. The address
// ends in #explorer=LOSS,READ-OUT,SHAPE,TEXTURE, so that a view can be linked to. Its pictures are read
// when it is opened, not before.
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
    const state = { loss: "", readOut: "", column: last, row: last };

    const network = () =>
      data.networks.find((n) => n.loss === state.loss && n.read_out === state.readOut);

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

    const show = () => {
      const shown = network();
      for (const input of section.querySelectorAll("input")) {
        const loss = input.name === "loss";
        input.checked = input.value === (loss ? state.loss : state.readOut);
        input.disabled = !loss &&
          !data.networks.some((n) => n.loss === state.loss && n.read_out === input.value);
      }
      const at = state.row * data.points + state.column;
      [...square.children].forEach((cell, index) => {
        cell.style.background = shown.colours[index];
        cell.className = index === at ? "here" : "";
      });
      place(nodule, data.nodules);
      place(map, shown.maps);
      map.textContent = shown.maps ? "" : `${shown.read_out} has no derivative, and so no map`;
      const decision = shown.decisions[at];
      const sign = decision > 0 ? "+" : "";
      says.textContent =
        `${shown.loss}, ${shown.read_out}: shape ${state.column / last}, ` +
        `texture ${(last - state.row) / last}: ` +
        `${decision > 0 ? "abnormal" : "normal"}, ${minus(sign + decision.toFixed(3))} spreads`;
    };

    const remember = () => {
      const view = [state.loss, state.readOut, state.column / last, (last - state.row) / last];
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
      choose(name === "loss" ? value : state.loss, name === "loss" ? state.readOut : value);
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
      const [loss, readOut, shape, texture] = (view ?? "").split(",").map(decoded);
      choose(loss, readOut);
      const index = (level, other) => (level >= 0 && level <= 1 ? Math.round(level * last) : other);
      move(index(parseFloat(shape), last), last - index(parseFloat(texture), 0));
    };
    window.addEventListener("hashchange", () => isLinked() && read());
    read();
  };
  opened();
})();
