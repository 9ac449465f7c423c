// The explorer: what networks decide and look at, at the chosen point of the square. The address ends in
// #explorer= and every choice as NAME=VALUE, so that a view can be linked to. Nothing is read before it is shown.
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
    const data = JSON.parse(find("[data-part=nodules]").textContent);
    const last = data.points - 1;
    const at = { column: last, row: last };
    const square = find(".square");
    const [gauge, needle, needle2] = [".gauge", ".gauge i", ".gauge .other"].map(find);
    // Where the colours and the gauge end: in thousandths of a spread, and in spreads.
    const MOST = 1500;
    const GAUGE = 3;

    // Choices by name; those of the second network end in -2.
    const choices = new Map([...section.querySelectorAll("select")].map((s) => [s.name, s]));
    const value = (name) => choices.get(name).value;
    const hasSecond = () => value("train-2") !== "";
    const FIELDS = { loss: "loss", "read-out": "read_out", seed: "seed" };

    const read = new Map();
    const trainedOn = (train) => {
      if (!read.has(train)) {
        const parts = [...section.querySelectorAll("[data-train]")];
        const part = parts.find((p) => p.dataset.train === train);
        read.set(train, part ? JSON.parse(part.textContent) : []);
      }
      return read.get(train);
    };
    const fits = (network, names, suffix) =>
      names.every((name) => String(network[FIELDS[name]]) === value(name + suffix));

    // The network that is asked for, or the nearest to it: a contrastive one has no head, a run may be unfinished.
    const settle = (suffix) => {
      const all = trainedOn(value("train" + suffix));
      const strictest = [["loss", "seed", "read-out"], ["loss", "seed"], ["loss"], []];
      const names = strictest.find((names) => all.some((n) => fits(n, names, suffix)));
      const found = all.find((n) => fits(n, names ?? [], suffix));
      for (const [name, field] of Object.entries(FIELDS)) choices.get(name + suffix).value = found[field];
      for (const option of choices.get("read-out" + suffix).options) {
        const same = all.filter((n) => fits(n, ["loss", "seed"], suffix));
        option.disabled = !same.some((n) => n.read_out === option.value);
      }
      return found;
    };
    const name = (suffix) =>
      ["train", "loss", "read-out"].map((what) => value(what + suffix)).join(", ") +
      `, seed ${value("seed" + suffix)}`;

    // From blue by way of white to red.
    const mixed = (share, low, high) => {
      const size = Math.min(1, Math.abs(share));
      return (share < 0 ? low : high).map((c) => Math.round(255 + size * (c - 255)));
    };
    const shade = (thousandths) =>
      `rgb(${mixed(thousandths / MOST, [60, 130, 200], [220, 90, 60]).join(" ")})`;
    const minus = (text) => text.replace("-", "\u2212");
    const spreads = (thousandths) =>
      minus((thousandths > 0 ? "+" : "") + (thousandths / 1000).toFixed(3));

    const paint = (cells, values, own) => {
      const here = at.row * data.points + at.column;
      [...cells.children].forEach((cell, index) => {
        cell.style.background = shade(values[index]);
        cell.className = (index === here ? "here " : "") + (index === own ? "own" : "");
      });
    };

    // The picture of a nodule at any point.
    const place = (element, nodule, column, row) => {
      element.style.backgroundImage = `url(${nodule.pictures})`;
      const percent = (index) => `${(100 * index) / last}%`;
      element.style.backgroundPosition = `${percent(column)} ${percent(row)}`;
    };

    // Grey levels of a picture as numbers again, once a picture.
    const decoded = new Map();
    const decode = (maps) => {
      if (!decoded.has(maps)) {
        decoded.set(maps, new Promise((done) => {
          const image = new Image();
          image.onload = () => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.width, image.height];
            const context = canvas.getContext("2d", { willReadFrequently: true });
            context.drawImage(image, 0, 0);
            done(context);
          };
          image.src = maps.picture;
        }));
      }
      return decoded.get(maps);
    };
    const pixels = async (maps, nodule, corner) => {
      const [context, size] = [await decode(maps), data.map_size];
      const grey = context.getImageData(corner * size, nodule * size, size, size).data;
      const number = (_, i) => ((grey[4 * i] - data.zero) / data.levels) * maps.end;
      return Float64Array.from({ length: size * size }, number);
    };
    const draw = (canvas, values, end) => {
      const size = data.map_size;
      [canvas.width, canvas.height] = [size, size];
      const drawn = new ImageData(size, size);
      values.forEach((v, i) => {
        const share = end > 0 ? Math.max(-1, Math.min(1, v / end)) : 0;
        drawn.data.set([...mixed(share, [0, 90, 181], [200, 40, 20]), 255], 4 * i);
      });
      canvas.getContext("2d", { willReadFrequently: true }).putImageData(drawn, 0, 0);
    };

    // Corners go shape slower than texture, rows of the square from the highest texture.
    const corner = () => {
      const [shape, texture] = [at.column / last >= 0.5 ? 1 : 0, at.row / last <= 0.5 ? 1 : 0];
      return { index: 2 * shape + texture, text: `shape ${shape}, texture ${texture}` };
    };
    const mapsOf = (network) => network?.maps.find((maps) => maps.method === value("map"));
    const missing = (network) =>
      data.map_read_out === null ? "the study asks for no maps"
        : network.read_out === data.map_read_out ? "no such map of this network"
        : `maps are of the ${data.map_read_out} read-out`;
    const looks = (network, nodule) => {
      const maps = mapsOf(network);
      if (!maps) return "";
      const ratio = (r) => (r === null ? "\u2013" : r.toFixed(2));
      const [contour, interior, background] = maps.mass[4 * nodule + corner().index].map(ratio);
      return `Map by ${value("map")} at ${corner().text}: ${contour} on the contour, ` +
        `${interior} in the interior, ${background} in the background (its share over that of the area); ` +
        `colours end at ${Number(maps.end.toPrecision(3))}.`;
    };
    let shown = 0;
    const showMaps = async (nodule, networks) => {
      const mine = (shown += 1);
      const maps = networks.map(mapsOf);
      const end = Math.max(...maps.map((m) => m?.end ?? 0));
      const values = await Promise.all(maps.map((m) => m && pixels(m, nodule, corner().index)));
      // Meanwhile something else may have been chosen.
      if (mine !== shown) return;
      const both = values[0] && values[1];
      const less = both ? values[0].map((v, i) => v - values[1][i]) : undefined;
      const drawn = [[".map", values[0]], [".map2", values[1]], [".map-difference", less]];
      drawn.forEach(([canvas, these], i) => {
        const [element, why] = [find(canvas), find(`${canvas} + span`)];
        [element.hidden, why.hidden] = [!these, !!these];
        if (these) draw(element, these, end);
        else why.textContent = missing(networks[i] ?? networks.find((n) => n && !mapsOf(n)) ?? networks[0]);
      });
      section.dataset.maps = "shown";
    };

    // The same nodule before and after one of the two alone goes from its lowest level to its highest.
    const change = (nodule, decisions) => {
      const isShape = value("change") === "shape";
      const [from, to] = isShape ? [[0, at.row], [last, at.row]] : [[at.column, last], [at.column, 0]];
      place(find(".before"), nodule, ...from);
      place(find(".after"), nodule, ...to);
      const [before, after] = [from, to].map(([column, row]) => decisions[row * data.points + column]);
      const held = isShape ? `texture at ${(last - at.row) / last}` : `shape at ${at.column / last}`;
      find(".changes").textContent =
        `${isShape ? "Shape" : "Texture"} alone, from 0 to 1 with ${held}: ` +
        `the decision goes from ${spreads(before)} to ${spreads(after)} spreads, by ${spreads(after - before)}.`;
    };

    const pointAt = (element, decision) => {
      const within = Math.max(-GAUGE, Math.min(GAUGE, decision / 1000));
      element.style.left = `${50 + (50 * within) / GAUGE}%`;
      return within;
    };

    const compare = (index, network, other) => {
      const here = at.row * data.points + at.column;
      find(".versus").hidden = needle2.hidden = !other;
      for (const what of Object.keys(FIELDS)) choices.get(`${what}-2`).disabled = !other;
      if (!other) return;
      const theirs = other.decisions[index];
      const less = network.decisions[index].map((v, i) => v - theirs[i]);
      paint(find(".square2"), theirs);
      paint(find(".difference"), less);
      pointAt(needle2, theirs[here]);
      find(".differs").textContent =
        `Second (${name("-2")}): ${spreads(theirs[here])} spreads; first minus second: ${spreads(less[here])}.`;
      find(".looks2").textContent = looks(other, index);
    };

    const show = () => {
      const network = settle("");
      const other = hasSecond() ? settle("-2") : undefined;
      const index = choices.get("nodule").selectedIndex;
      const nodule = data.nodules[index];
      const decisions = network.decisions[index];
      const decision = decisions[at.row * data.points + at.column];
      const own = Math.round((1 - nodule.texture) * last) * data.points + Math.round(nodule.shape * last);
      paint(square, decisions, own);
      place(find(".picture.here"), nodule, at.column, at.row);
      gauge.setAttribute("aria-valuenow", pointAt(needle, decision).toFixed(3));
      find("output").textContent =
        `${name("")}; ${nodule.name}: shape ${at.column / last}, texture ${(last - at.row) / last}: ` +
        `${decision > 0 ? "abnormal" : "normal"}, ${spreads(decision)} spreads`;
      find(".looks").textContent = looks(network, index);
      find(".latents").textContent =
        `Levels as drawn: shape ${nodule.shape.toFixed(2)}, texture ${nodule.texture.toFixed(2)}, ${nodule.latents}.`;
      change(nodule, decisions);
      compare(index, network, other);
      showMaps(index, other ? [network, other] : [network]);
    };

    const writeAddress = () => {
      const view = new URLSearchParams();
      for (const [name, select] of choices) {
        if (!select.disabled && select.value !== "") view.set(name, select.value);
      }
      view.set("shape", at.column / last);
      view.set("texture", (last - at.row) / last);
      try {
        history.replaceState(null, "", `#explorer=${view}`);
      } catch {
        // Some browsers refuse it for files; the view is shown all the same.
      }
    };

    // Browsers refuse addresses that change as fast as a key that is held down repeats.
    let waiting;
    const remember = () => {
      clearTimeout(waiting);
      waiting = setTimeout(writeAddress, 150);
    };

    const move = (column, row) => {
      const within = (index) => Math.max(0, Math.min(last, index));
      [at.column, at.row] = [within(column), within(row)];
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
      move(at.column + step[0], at.row + step[1]);
      remember();
    });
    section.addEventListener("change", () => {
      show();
      remember();
    });

    // What an address does not say, or says wrongly, is as at first.
    const readOuts = choices.get("read-out").options;
    const first = { "read-out": data.map_read_out ?? readOuts[0].value, "train-2": "" };
    first["read-out-2"] = first["read-out"];
    if (choices.get("loss-2").options.length > 1) first["loss-2"] = choices.get("loss-2").options[1].value;
    const follow = () => {
      clearTimeout(waiting);
      const view = new URLSearchParams(location.hash.split("#explorer=")[1] ?? "");
      for (const [name, select] of choices) {
        const known = [...select.options].some((option) => option.value === view.get(name));
        select.value = known ? view.get(name) : first[name] ?? select.options[0]?.value ?? "";
      }
      const level = (name, other) => {
        const found = parseFloat(view.get(name));
        return found >= 0 && found <= 1 ? Math.round(found * last) : other;
      };
      move(level("shape", last), last - level("texture", 0));
    };
    window.addEventListener("hashchange", () => isLinked() && follow());
    follow();
  };
  opened();
})();
