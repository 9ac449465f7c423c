// Explorer: decision scores and saliency maps of networks at a point of the shape-texture plane. The address ends in
// #explorer= and every choice as NAME=VALUE, so that a view can be linked. Data are parsed when they are first shown.
(() => {
  const section = document.getElementById("explorer");
  const isLinked = () => /^#explorer(=|$)/.test(location.hash);
  let isStarted = false;
  const startOnce = () => {
    if (isStarted) return;
    isStarted = true;
    start();
  };
  section.addEventListener("toggle", () => section.open && startOnce());
  const openIfLinked = () => {
    if (!isLinked()) return;
    section.open = true;
    startOnce();
  };
  window.addEventListener("hashchange", openIfLinked);

  const start = () => {
    const find = (selector) => section.querySelector(selector);
    const data = JSON.parse(find("[data-part=nodules]").textContent);
    const last = data.points - 1;
    const at = { column: last, row: last };
    const square = find(".square");
    const [gauge, needle, needle2] = [".gauge", ".gauge i", ".gauge .other"].map(find);
    // Ends of the colour scale in thousandths of an SD unit, and of the gauge in SD units.
    const COLOUR_END = 1500;
    const GAUGE_END = 3;

    // Controls by name; those of the second network end in -2.
    const controls = new Map([...section.querySelectorAll("select")].map((s) => [s.name, s]));
    const value = (name) => controls.get(name).value;
    const hasSecond = () => value("train-2") !== "";
    const FIELDS = { loss: "loss", "read-out": "read_out", seed: "seed" };

    const parsed = new Map();
    const networksOf = (train) => {
      if (!parsed.has(train)) {
        const parts = [...section.querySelectorAll("[data-train]")];
        const part = parts.find((p) => p.dataset.train === train);
        parsed.set(train, part ? JSON.parse(part.textContent) : []);
      }
      return parsed.get(train);
    };
    const matches = (network, names, suffix) =>
      names.every((name) => String(network[FIELDS[name]]) === value(name + suffix));

    // Returns the chosen network or the most similar one: some losses have no head, some runs are not finished.
    const selectNetwork = (suffix) => {
      const all = networksOf(value("train" + suffix));
      const strictest = [["loss", "seed", "read-out"], ["loss", "seed"], ["loss"], []];
      const names = strictest.find((names) => all.some((n) => matches(n, names, suffix)));
      const network = all.find((n) => matches(n, names ?? [], suffix));
      for (const [name, field] of Object.entries(FIELDS)) controls.get(name + suffix).value = network[field];
      for (const option of controls.get("read-out" + suffix).options) {
        const same = all.filter((n) => matches(n, ["loss", "seed"], suffix));
        option.disabled = !same.some((n) => n.read_out === option.value);
      }
      return network;
    };
    const networkName = (suffix) =>
      ["train", "loss", "read-out"].map((name) => value(name + suffix)).join(", ") +
      `, seed ${value("seed" + suffix)}`;

    // Interpolates from blue over white to red.
    const diverging = (share, low, high) => {
      const size = Math.min(1, Math.abs(share));
      return (share < 0 ? low : high).map((c) => Math.round(255 + size * (c - 255)));
    };
    const scoreColour = (thousandths) =>
      `rgb(${diverging(thousandths / COLOUR_END, [60, 130, 200], [220, 90, 60]).join(" ")})`;
    const withMinus = (text) => text.replace("-", "\u2212");
    const sdUnits = (thousandths) =>
      withMinus((thousandths > 0 ? "+" : "") + (thousandths / 1000).toFixed(3));

    const paint = (plane, values, own) => {
      const here = at.row * data.points + at.column;
      [...plane.children].forEach((point, index) => {
        point.style.background = scoreColour(values[index]);
        point.className = (index === here ? "here " : "") + (index === own ? "own" : "");
      });
    };

    // Shows the image of a nodule at a point from its sprite sheet.
    const showImage = (element, nodule, column, row) => {
      element.style.backgroundImage = `url(${nodule.pictures})`;
      const percent = (index) => `${(100 * index) / last}%`;
      element.style.backgroundPosition = `${percent(column)} ${percent(row)}`;
    };

    // Decodes the sprite sheet of maps once.
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
    const mapValues = async (maps, nodule, corner) => {
      const [context, size] = [await decode(maps), data.map_size];
      const grey = context.getImageData(corner * size, nodule * size, size, size).data;
      const number = (_, i) => ((grey[4 * i] - data.zero) / data.levels) * maps.end;
      return Float64Array.from({ length: size * size }, number);
    };
    const drawMap = (canvas, values, end) => {
      const size = data.map_size;
      [canvas.width, canvas.height] = [size, size];
      const pixels = new ImageData(size, size);
      values.forEach((v, i) => {
        const share = end > 0 ? Math.max(-1, Math.min(1, v / end)) : 0;
        pixels.data.set([...diverging(share, [0, 90, 181], [200, 40, 20]), 255], 4 * i);
      });
      canvas.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
    };

    // Corners are ordered by shape, then texture; rows of the plane begin at the highest texture.
    const nearestCorner = () => {
      const [shape, texture] = [at.column / last >= 0.5 ? 1 : 0, at.row / last <= 0.5 ? 1 : 0];
      return { index: 2 * shape + texture, text: `shape ${shape}, texture ${texture}` };
    };
    const mapsOf = (network) => network?.maps.find((maps) => maps.method === value("map"));
    const reasonWithoutMap = (network) =>
      data.map_read_out === null ? "the study makes no saliency maps"
        : network.read_out === data.map_read_out ? "this network has no such map"
        : `saliency maps explain the classifier ${data.map_read_out}`;
    const massText = (network, nodule) => {
      const maps = mapsOf(network);
      if (!maps) return "";
      const ratio = (r) => (r === null ? "\u2013" : r.toFixed(2));
      const [contour, interior, background] = maps.mass[4 * nodule + nearestCorner().index].map(ratio);
      return `Map by ${value("map")} at ${nearestCorner().text}: relevance mass ${contour} on the contour, ` +
        `${interior} in the interior, ${background} in the background (share of the mass over share of the area); ` +
        `the colour scale ends at ${Number(maps.end.toPrecision(3))}.`;
    };
    let latest = 0;
    const showMaps = async (nodule, networks) => {
      const own = (latest += 1);
      const maps = networks.map(mapsOf);
      const end = Math.max(...maps.map((m) => m?.end ?? 0));
      const values = await Promise.all(maps.map((m) => m && mapValues(m, nodule, nearestCorner().index)));
      // Another view may have been chosen in the meantime.
      if (own !== latest) return;
      const both = values[0] && values[1];
      const difference = both ? values[0].map((v, i) => v - values[1][i]) : undefined;
      const shown = [[".map", values[0]], [".map2", values[1]], [".map-difference", difference]];
      shown.forEach(([canvas, map], i) => {
        const [element, reason] = [find(canvas), find(`${canvas} + span`)];
        [element.hidden, reason.hidden] = [!map, !!map];
        if (map) drawMap(element, map, end);
        else reason.textContent = reasonWithoutMap(networks[i] ?? networks.find((n) => n && !mapsOf(n)) ?? networks[0]);
      });
      section.dataset.maps = "shown";
    };

    // Shows the nodule at the lowest and the highest level of shape or texture.
    const showCounterfactual = (nodule, decisions) => {
      const isShape = value("change") === "shape";
      const [low, high] = isShape ? [[0, at.row], [last, at.row]] : [[at.column, last], [at.column, 0]];
      showImage(find(".before"), nodule, ...low);
      showImage(find(".after"), nodule, ...high);
      const [before, after] = [low, high].map(([column, row]) => decisions[row * data.points + column]);
      const fixed = isShape ? `texture at ${(last - at.row) / last}` : `shape at ${at.column / last}`;
      find(".changes").textContent =
        `${isShape ? "Shape" : "Texture"} alone, from 0 to 1 with ${fixed}: ` +
        `the decision score goes from ${sdUnits(before)} to ${sdUnits(after)} SD units, by ${sdUnits(after - before)}.`;
    };

    const moveNeedle = (element, decision) => {
      const within = Math.max(-GAUGE_END, Math.min(GAUGE_END, decision / 1000));
      element.style.left = `${50 + (50 * within) / GAUGE_END}%`;
      return within;
    };

    const showSecond = (index, network, other) => {
      const here = at.row * data.points + at.column;
      find(".versus").hidden = needle2.hidden = !other;
      for (const name of Object.keys(FIELDS)) controls.get(`${name}-2`).disabled = !other;
      if (!other) return;
      const second = other.decisions[index];
      const difference = network.decisions[index].map((v, i) => v - second[i]);
      paint(find(".square2"), second);
      paint(find(".difference"), difference);
      moveNeedle(needle2, second[here]);
      find(".differs").textContent =
        `Network 2 (${networkName("-2")}): ${sdUnits(second[here])} SD units; network 1 minus network 2: ${sdUnits(difference[here])}.`;
      find(".looks2").textContent = massText(other, index);
    };

    const show = () => {
      const network = selectNetwork("");
      const other = hasSecond() ? selectNetwork("-2") : undefined;
      const index = controls.get("nodule").selectedIndex;
      const nodule = data.nodules[index];
      const decisions = network.decisions[index];
      const decision = decisions[at.row * data.points + at.column];
      const own = Math.round((1 - nodule.texture) * last) * data.points + Math.round(nodule.shape * last);
      paint(square, decisions, own);
      showImage(find(".picture.here"), nodule, at.column, at.row);
      gauge.setAttribute("aria-valuenow", moveNeedle(needle, decision).toFixed(3));
      find("output").textContent =
        `${networkName("")}; ${nodule.name}: shape ${at.column / last}, texture ${(last - at.row) / last}: ` +
        `${decision > 0 ? "abnormal" : "normal"}, ${sdUnits(decision)} SD units`;
      find(".looks").textContent = massText(network, index);
      find(".latents").textContent =
        `Original levels: shape ${nodule.shape.toFixed(2)}, texture ${nodule.texture.toFixed(2)}, ${nodule.latents}.`;
      showCounterfactual(nodule, decisions);
      showSecond(index, network, other);
      showMaps(index, other ? [network, other] : [network]);
    };

    const writeAddress = () => {
      const view = new URLSearchParams();
      for (const [name, select] of controls) {
        if (!select.disabled && select.value !== "") view.set(name, select.value);
      }
      view.set("shape", at.column / last);
      view.set("texture", (last - at.row) / last);
      try {
        history.replaceState(null, "", `#explorer=${view}`);
      } catch {
        // Some browsers do not allow this for local files; the view is shown without it.
      }
    };

    // Browsers limit how often the address may change, so key repeats are collected.
    let timer;
    const scheduleAddress = () => {
      clearTimeout(timer);
      timer = setTimeout(writeAddress, 150);
    };

    const move = (column, row) => {
      const within = (index) => Math.max(0, Math.min(last, index));
      [at.column, at.row] = [within(column), within(row)];
      show();
    };
    const movePointer = (event) => {
      const box = square.getBoundingClientRect();
      const index = (offset, size) => Math.floor((offset / size) * data.points);
      move(index(event.clientX - box.left, box.width), index(event.clientY - box.top, box.height));
    };
    square.addEventListener("pointermove", movePointer);
    square.addEventListener("pointerdown", (event) => {
      movePointer(event);
      scheduleAddress();
    });
    square.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      move(at.column + step[0], at.row + step[1]);
      scheduleAddress();
    });
    section.addEventListener("change", () => {
      show();
      scheduleAddress();
    });

    // Choices that are missing or invalid in the address have their initial values.
    const readOuts = controls.get("read-out").options;
    const initial = { "read-out": data.map_read_out ?? readOuts[0].value, "train-2": "" };
    initial["read-out-2"] = initial["read-out"];
    if (controls.get("loss-2").options.length > 1) initial["loss-2"] = controls.get("loss-2").options[1].value;
    const readAddress = () => {
      clearTimeout(timer);
      const view = new URLSearchParams(location.hash.split("#explorer=")[1] ?? "");
      for (const [name, select] of controls) {
        const isKnown = [...select.options].some((option) => option.value === view.get(name));
        select.value = isKnown ? view.get(name) : initial[name] ?? select.options[0]?.value ?? "";
      }
      const level = (name, other) => {
        const found = parseFloat(view.get(name));
        return found >= 0 && found <= 1 ? Math.round(found * last) : other;
      };
      move(level("shape", last), last - level("texture", 0));
    };
    window.addEventListener("hashchange", () => isLinked() && readAddress());
    readAddress();
  };
  openIfLinked();
})();
