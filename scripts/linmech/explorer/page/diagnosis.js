// What wrong answers have in common, some pictures, the verdict, and how all comes about in training.
PLOTS.push({
  id: "wrong", table: "fig8",
  rows: () => of("fig8").filter((row) => row.panel === "items" || row.statistic === "deviation"),
  draw(rows) {
    const items = rows.filter((row) => row.panel === "items" && row.deviation !== null);
    const edges = [Math.min(-1, ...items.map((row) => row.deviation)), Math.max(1, ...items.map((row) => row.deviation))];
    const size = (edges[1] - edges[0]) / 32;
    const traces = [[true, "answered right", "#0072B2"], [false, "answered wrong", "#D55E00"]].map(([right, name, shade]) => ({
      type: "histogram", x: items.filter((row) => Boolean(row.right) === right).map((row) => row.deviation), name, xbins: { start: edges[0], end: edges[1] + size, size },
      marker: { color: faded(shade, 0.55), line: { color: hue(shade), width: 1.2 } }, hovertemplate: "%{y} items at %{x} cells<extra>" + name + "</extra>" }));
    return { traces, layout: { height: 340, barmode: "overlay", shapes: [rule(0, "x")], xaxis: axis("deviation (cells, + farther apart)"), yaxis: axis("items") } };
  },
  note(rows) {
    const test = rows.find((row) => row.statistic === "deviation"), told = test && test.auc !== null ?
      `AUC ${number(test.auc)} ${between(test, number)} (95 % bootstrap by image; 0.5 is chance)` +
      (test.relabellings ? `; of ${test.relabellings} sets of IDs whose cells exchanged their names ${between({ low: test.chance_low, high: test.chance_high }, number)}, p = ${number(test.p_chance)}` : "") : "too few to compare";
    return test ? `0: bound as far apart as the true IDs say. n = ${test.right} right and ${test.wrong} wrong answers of like gaps; ${told}.` : "";
  },
});

PLOTS.push({
  id: "trained", table: "emergence",
  rows: () => of("emergence", {}, null).filter((row) => row.panel === "A" || (row.layer === state.layer && (row.panel === "B" || (row.panel === "C" && row.need === "turn")))),
  draw(rows) {
    const part = (panel) => rows.filter((row) => row.panel === panel).sort((a, b) => a.step - b.step);
    const shapes = part("B").filter((row) => row.r2 !== null);
    const traces = [["A", "right answers", "#1a1a1a", "circle"], ["C", "answers that turn where they should, at this layer", "#D55E00", "triangle-up"]].flatMap(([panel, name, shade, symbol]) => {
      const own = part(panel);
      return own.length ? [band(own, "step", shade), { x: own.map((row) => row.step), y: own.map((row) => row.estimate), mode: "lines+markers", name, line: { color: hue(shade) }, marker: { symbol, size: 8 },
        text: own.map((row) => `step ${row.step}<br>${name}: ${percent(row.estimate)} ${between(row)}, n = ${row.items}`), hovertemplate: "%{text}<extra></extra>" }] : [];
    });
    traces.push({ x: shapes.map((row) => row.step), y: shapes.map((row) => row.r2), mode: "lines+markers", name: "R² of IDs, at this layer", line: { color: hue("#0072B2") }, marker: { symbol: "square", size: 7 } },
      { x: shapes.map((row) => row.step), y: shapes.map((row) => row.chance), mode: "lines", name: "R² of shuffled cells, 97.5 %", line: { color: hue("#0072B2"), dash: "dot", width: 1.2 } });
    return { traces, layout: { height: 420, xaxis: axis("step of training"), yaxis: axis("share, or R²", { range: [-0.04, 1.04] }) } };
  },
  note: (rows) => `Layer ${state.layer}; ${counted(rows.filter((row) => row.items !== null))}; bands: 95 % bootstrap by image; R² beside what shuffled cells reach (97.5 %).`,
});

// Pictures: true boxes, and an arrow from the reference to where the subject is believed to stand.
const SVG = "http://www.w3.org/2000/svg";
function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
const ROLES = { subject: "#56B4E9", reference: "#FF8B3D" };
const samplesOf = () => of("samples", { layer: state.layer });

function drawPicture(sample, row) {
  const [wide, high] = sample.shape, unit = Math.max(wide, high) / 100;
  const drawn = shape("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img" });
  drawn.append(shape("image", { href: sample.image, width: wide, height: high }));
  for (const [role, [x0, y0, x1, y1]] of Object.entries(sample.boxes)) {
    const box = { x: x0 * wide, y: y0 * high, width: (x1 - x0) * wide, height: (y1 - y0) * high, fill: "none" };
    drawn.append(shape("rect", { ...box, stroke: "#000", "stroke-width": 2.6 * unit }), shape("rect", { ...box, stroke: ROLES[role], "stroke-width": 1.5 * unit }));
  }
  const along = sample.axis === "x" ? 0 : 1, side = [wide, high];
  const from = sample.centres.reference.map((share, at) => share * side[at]);
  const to = [...from];
  const there = from[along] + (row.margin / TOLD.samples.cells) * side[along];
  to[along] = Math.min(side[along] - 3 * unit, Math.max(3 * unit, there));
  const back = to[along] >= from[along] ? -1 : 1, tip = 4 * unit;
  const corner = (sideways) => { const at = [...to]; at[along] += back * tip; at[1 - along] += sideways * tip * 0.8; return at.join(","); };
  for (const [stroke, width] of [["#000", 3.4], ["#fff", 1.8]]) {
    drawn.append(shape("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke, "stroke-width": width * unit }),
      shape("polygon", { points: [to.join(","), corner(1), corner(-1)].join(" "), fill: "#fff", stroke: "#000", "stroke-width": 0.8 * unit }));
  }
  return [drawn, there !== to[along]];
}

function drawSamples() {
  const place = document.querySelector("#samples .pictures");
  const rows = Object.fromEntries(samplesOf().map((row) => [row.item, row]));
  place.replaceChildren(...TOLD.samples.pictures.filter((sample) => rows[sample.item]).map((sample) => {
    const row = rows[sample.item], item = document.createElement("li");
    const [drawn, outside] = drawPicture(sample, row);
    const believed = row.d_before > 0 ? row.first : row.second;
    const words = sample.axis === "x" ? ["left", "right"] : ["above", "below"];
    const side = (cells) => `${number(Math.abs(cells))} cells ${words[cells < 0 ? 0 : 1]}`;
    const question = document.createElement("p"), answer = document.createElement("p"), place = document.createElement("p");
    question.textContent = sample.caption;
    answer.className = row.right ? "right" : "wrong";
    answer.textContent = `it says ${believed}${row.undecided ? " (undecided)" : ""}, by ${number(Math.abs(row.d_before), 1)} nats`;
    place.textContent = `believed ${side(row.margin)}${outside ? ", beyond the picture" : ""}; the true IDs say ${side(row.true_margin)}`;
    drawn.setAttribute("aria-label", `${sample.caption}. ${answer.textContent}. Layer ${row.layer}: ${place.textContent}`);
    item.append(drawn, question, answer, place);
    return item;
  }));
  const none = Object.keys(rows).length ? "" : "Nothing was read at this layer: move it. ";
  document.querySelector("#samples .note").textContent = `${none}${TOLD.samples.pictures.length} of ${TOLD.samples.asked} items that all models were asked, ` +
    `half of them, where there are as many, wrong for some model; layer ${state.layer}. Single items have no interval.`;
  tellCommand(document.querySelector("#samples code"), TOLD.commands.samples);
}

function drawVerdict() {
  const table = byId("verdict"), rows = of("verdict", {}, null), planted = rows.some((row) => row.truth), reasons = rows.some((row) => row.why);
  const cells = (tag, texts) => texts.map((text) => { const cell = document.createElement(tag); cell.textContent = text; return cell; });
  const parts = Object.keys(TOLD.looks.parts);
  const head = document.createElement("tr");
  head.append(...cells("th", ["model", ...(planted ? ["planted"] : []), "verdict", "wrong answers", ...parts, ...(reasons ? ["why"] : [])]));
  head.querySelectorAll("th").forEach((cell) => { cell.scope = "col"; });
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    const told = (part) => (row[part] === null ? "–" : `${percent(row[part])} ${between({ low: row[`${part}_low`], high: row[`${part}_high`] })}`);
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = row.model;
    const unsure = row.undecided ? `, ${row.undecided} undecided` : "";
    line.append(name, ...cells("td", [...(planted ? [row.truth || ""] : []), row.verdict, `${row.wrong} of ${row.items}${unsure}`, ...parts.map(told), ...(reasons ? [row.why || ""] : [])]));
    line.lastChild.className = reasons ? "why" : "";
    line.className = row.model === state.model ? "now" : "";
    return line;
  }));
  tellCommand(document.querySelector("#fails > .source code"), TOLD.commands.verdict);
}
