// The grid of IDs at a layer, and how well column and row describe it at every layer.
const [COLUMNS, ROWS] = TOLD.grid;
const SYMBOLS = ["triangle-up", "circle", "square", "triangle-down", "diamond", "cross", "x", "star"];
const shapeOf = (row) => SYMBOLS[row % SYMBOLS.length];

const FRAME = 1.8 * (Math.max(COLUMNS, ROWS) - 1) / 2 || 1; // the same for all layers and models, so that they compare
const outside = (row) => Math.max(Math.abs(row.drawn_horizontal), Math.abs(row.drawn_vertical)) > FRAME;

function line(cells) {
  return [...cells.map((row) => [row.drawn_horizontal, row.drawn_vertical]), [null, null]];
}

PLOTS.push({
  id: "grid", table: "fig5-layers",
  rows: () => of("fig5-layers", { layer: state.layer }),
  draw(rows) {
    const cells = rows.filter((row) => row.point === "cell");
    const joined = [
      ...Array.from({ length: COLUMNS }, (_, at) => line(cells.filter((row) => row.column === at))),
      ...Array.from({ length: ROWS }, (_, at) => line(cells.filter((row) => row.row === at)))].flat();
    const ideal = cells.map((row) => [row.column - (COLUMNS - 1) / 2, row.row - (ROWS - 1) / 2]);
    const traces = [
      { x: ideal.map((at) => at[0]), y: ideal.map((at) => at[1]), mode: "markers", hoverinfo: "skip", showlegend: false,
        marker: { symbol: "cross-thin-open", size: 8, color: colour("--line"), line: { width: 1.5, color: colour("--line") } } },
      { x: joined.map((at) => at[0]), y: joined.map((at) => at[1]), mode: "lines", hoverinfo: "skip", showlegend: false,
        line: { color: colour("--soft"), width: 1 }, opacity: 0.55 }];
    for (let column = 0; column < COLUMNS; column++) {
      const own = cells.filter((row) => row.column === column);
      const end = { 0: " (left)", [COLUMNS - 1]: " (right)" }[column] || "";
      traces.push({ x: own.map((row) => row.drawn_horizontal), y: own.map((row) => row.drawn_vertical), mode: "markers",
        name: `column ${column}${end}`, hovertemplate: "%{text}<extra></extra>",
        text: own.map((row) => `column ${row.column}, row ${row.row}<br>${number(row.horizontal)} across, ${number(row.vertical)} down (cells)`),
        marker: { size: 13, color: hue(TOLD.looks.columns[column]), symbol: own.map((row) => shapeOf(row.row)), line: { width: 1, color: colour("--card") } } });
    }
    unique(rows.filter((row) => row.point !== "cell").map((row) => row.point)).forEach((reading, at) => {
      const own = rows.filter((row) => row.point === reading);
      traces.push({ x: own.map((row) => row.drawn_horizontal), y: own.map((row) => row.drawn_vertical), mode: at ? "markers" : "markers+text",
        name: plain(`words (${reading})`), text: own.map((row) => plain(row.word)), textposition: "top center",
        textfont: { size: 12, color: colour("--ink") }, hovertemplate: `%{text}, ${plain(reading)}<extra></extra>`,
        marker: { symbol: ["cross-thin-open", "x-thin-open"][at % 2], size: 9, color: colour("--ink"), line: { width: 2, color: colour("--ink") } } });
    });
    const moving = matchMedia("(prefers-reduced-motion: reduce)").matches ? {} : { transition: { duration: 350, easing: "cubic-in-out" } };
    return { traces, layout: { ...moving, height: 470,
      xaxis: axis("across (cells)", { range: [-FRAME, FRAME], constrain: "domain" }),
      yaxis: axis("down (cells)", { range: [FRAME, -FRAME], scaleanchor: "x", constrain: "domain" }),
      legend: { orientation: "h", x: 0, y: -0.16, yanchor: "top", font: { size: 12 }, itemclick: false, itemdoubleclick: false } } };
  },
  note(rows) {
    const first = rows[0], read = TOLD.measured[state.model];
    const known = first.r2_held_out === null ? "no IDs" :
      `R² ${number(first.r2_held_out)} of held-out objects; shuffled cells reach ${number(first.r2_shuffled_high)} (97.5 %)`;
    const scaled = rows.find((row) => row.point !== "cell" && row.scale !== 1);
    const words = scaled ? ` Words stand at ${scaled.scale} of their length.` : "";
    const counts = read ? ` n = ${read.residuals} states of ${read.nouns} nouns, ${read.held_out} of them held out.` : "";
    const beyond = rows.filter(outside).length;
    const out = beyond ? ` ${beyond} of ${rows.length} points lie outside the frame.` : "";
    return `Layer ${state.layer}: ${known}.${counts} No interval is drawn of single cells.${words}${out}`;
  },
});

PLOTS.push({
  id: "depth", table: "codes",
  rows: () => of("codes"),
  draw(rows) {
    const known = rows.filter((row) => row.r2 !== null);
    const floor = Math.max(-1, Math.min(0, ...known.map((row) => row.r2)));
    const told = (row) => `layer ${row.layer}: R² ${number(row.r2)}<br>shuffled cells ${number(row.chance)} (97.5 %)<br>code: ${plain(row.code)}${row.copied ? ", copied from the tower’s positions" : ""}`;
    const traces = [
      { x: known.map((row) => row.layer), y: known.map((row) => row.chance), mode: "lines", name: "shuffled cells, 97.5 %",
        fill: "tozeroy", fillcolor: faded(TOLD.looks.grey, 0.13), line: { color: hue(TOLD.looks.grey), dash: "dot", width: 1.5 }, hoverinfo: "skip" },
      { x: known.map((row) => row.layer), y: known.map((row) => Math.max(-1, row.r2)), mode: "lines", showlegend: false, hoverinfo: "skip",
        line: { color: colour("--ink"), width: 2 } }];
    for (const code of Object.keys(TOLD.looks.codes)) {
      const own = known.filter((row) => row.code === code);
      if (own.length) traces.push({ x: own.map((row) => row.layer), y: own.map((row) => Math.max(-1, row.r2)), mode: "markers",
        name: code === "none" ? "no code" : `${code} code`, text: own.map(told), hovertemplate: "%{text}<extra></extra>",
        marker: { size: 11, color: code === "none" ? colour("--soft") : hue(TOLD.looks.codes[code]), symbol: { linear: "circle", curved: "diamond", categorical: "square" }[code] || "circle-open",
          line: { width: 1, color: colour("--ink") } } });
    }
    return { traces, layout: { height: 470, shapes: [here()], xaxis: axis("layer", { range: [-0.4, Math.max(...layersOf(state.model)) + 0.4] }),
      yaxis: axis("R² on column and row", { range: [floor - 0.04, 1.04] }) } };
  },
  note(rows) {
    const read = TOLD.measured[state.model];
    const best = rows.find((row) => row.shown);
    return `Of ${read ? `${read.held_out} ` : ""}objects that the axes were not fitted to; the band is what shuffled cells reach (97.5 %).` +
      (best ? ` Other objects reproduce layer ${best.layer}’s IDs best.` : "");
  },
});
