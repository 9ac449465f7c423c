// Operation of the explorer; needs checks.js.
const find = (selector) => document.querySelector(`details[id=explorer] ${selector}`);
const select = (name) => find(`select[name="${name}"]`);
const text = (selector) => find(selector).textContent;
const choose = (name, value) => {
  select(name).value = value;
  select(name).dispatchEvent(new Event("change", { bubbles: true }));
};
const moveTo = (column, row) => {
  const box = find(".square").getBoundingClientRect();
  const [clientX, clientY] = [box.left + (box.width * (column + 0.5)) / 9, box.top + (box.height * (row + 0.5)) / 9];
  find(".square").dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
};

// Calls `then` for every network and the read-outs that `which` selects.
const everyNetwork = async (which, then) => {
  const values = (name) => [...select(name).options].filter((option) => !option.disabled).map((o) => o.value);
  for (const train of values("train")) {
    choose("train", train);
    for (const loss of values("loss")) {
      choose("loss", loss);
      for (const seed of values("seed")) {
        choose("seed", seed);
        for (const readOut of values("read-out").filter(which)) {
          choose("read-out", readOut);
          for (const nodule of values("nodule")) {
            choose("nodule", nodule);
            await then(nodule, values);
          }
        }
      }
    }
  }
};

const everyDecision = async () => {
  const texts = [];
  await everyNetwork(() => true, () => {
    for (let i = 0; i < 81; i += 1) {
      moveTo(i % 9, Math.floor(i / 9));
      texts.push(text("output"));
    }
  });
  return texts;
};

// Relevance mass of every map, and the number of different pictures of the last network's maps.
const everyMap = async () => {
  const texts = [];
  await everyNetwork((readOut) => readOut === "centroid", (nodule, values) => {
    for (const method of values("map")) {
      choose("map", method);
      for (const [column, row] of [[0, 8], [0, 0], [8, 8], [8, 0]]) {
        moveTo(column, row);
        const network = text("output").split(";")[0];
        texts.push(`${network}; ${nodule}: ${text(".looks").split(" (share of the mass")[0]}`);
      }
    }
  });
  const pictures = new Set();
  for (const option of select("map").options) {
    choose("map", option.value);
    await settled();
    pictures.add(find("canvas.map").toDataURL());
  }
  return [texts, pictures.size];
};

// All texts of the explorer.
const shown = () =>
  [...document.querySelectorAll("details[id=explorer] :is(output, p.looks, p.changes, p.differs, p.latents, p.looks2)")]
    .map((element) => element.textContent).join("\n");
