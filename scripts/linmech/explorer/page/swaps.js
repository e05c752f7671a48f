// States swapped with the run about another picture: a heat map of layer and tokens, and one of its layers with intervals.
const swapsAt = () => {
  const [figure, experiment] = byId("experiment").value.split(" ", 2);
  return of("swaps", { figure, experiment, value: byId("value").value });
};
const selectorsOf = (rows) => {
  const there = unique(rows.map((row) => row.selector));
  const known = Object.keys(TOLD.looks.selectors).filter((name) => there.includes(name));
  return [...known, ...there.filter((name) => !known.includes(name))];
};
const namedSelector = (selector) => TOLD.looks.selectors[selector] || { donor: "the whole run" }[selector] || selector;
const VALUES = { share: "share of the effect carried", delta: "change towards the true answer (nats)" };

const SWAP_CHOICES = () => {
  const rows = of("swaps").filter((row) => VALUES[row.value]);
  const chosen = unique(rows.map((row) => `${row.figure} ${row.experiment}`));
  fill("experiment", chosen.map((value) => {
    const first = rows.find((row) => `${row.figure} ${row.experiment}` === value);
    return [value, `${TOLD.looks.changes[first.change]}, asked ${first.kind}${first.figure === "fig4" ? "" : ` (${first.figure})`}`];
  }));
  const [figure, experiment] = byId("experiment").value.split(" ", 2);
  fill("value", Object.keys(VALUES).filter((value) => rows.some((row) => row.figure === figure && row.experiment === experiment && row.value === value))
    .map((value) => [value, VALUES[value]]));
};
const shownAs = () => (byId("value").value === "share" ? percent : number);

PLOTS.push({
  id: "heat", table: "swaps", source: (rows) => rows[0].figure,
  rows: swapsAt,
  draw(rows) {
    const sites = rows.filter((row) => row.selector !== "donor");
    const selectors = selectorsOf(sites), layers = unique(sites.map((row) => row.layer)).sort((a, b) => a - b);
    const at = (selector, layer) => sites.find((row) => row.selector === selector && row.layer === layer);
    const share = byId("value").value === "share", shown = shownAs();
    const most = Math.max(0.01, ...sites.map((row) => Math.abs(row.estimate || 0)));
    const few = 44 * layers.length < byId("heat").clientWidth - 180; // room for numbers in the cells
    const trace = { type: "heatmap", x: layers, y: selectors.map((_, number) => number), xgap: 1.5, ygap: 1.5, hoverongaps: false,
      z: selectors.map((selector) => layers.map((layer) => (at(selector, layer) || {}).estimate ?? null)),
      text: selectors.map((selector) => layers.map((layer) => { const row = at(selector, layer); return row && few ? shown(row.estimate).replace(" %", "") : ""; })),
      texttemplate: "%{text}", textfont: { size: 11 },
      customdata: selectors.map((selector) => layers.map((layer) => { const row = at(selector, layer); return row ? `${plain(namedSelector(selector))}, layer ${layer}<br>${shown(row.estimate)} ${between(row, shown)}, n = ${row.items}` : ""; })),
      hovertemplate: "%{customdata}<extra></extra>", zmin: share ? 0 : -most, zmax: share ? 1 : most, colorscale: share ? "Cividis" : [[0, "#0072B2"], [0.5, dark() ? "#20252d" : "#f7f7f7"], [1, "#D55E00"]],
      colorbar: { thickness: 10, len: 0.9, outlinewidth: 0, tickformat: share ? ".0%" : "" } };
    const frame = { type: "rect", x0: state.layer - 0.5, x1: state.layer + 0.5, yref: "paper", y0: 0, y1: 1, line: { color: colour("--accent"), width: 3 } };
    const names = selectors.map((selector) => plain(wrapped(namedSelector(selector))).replace(/\n/g, "<br>"));
    return { traces: [trace], layout: { height: Math.max(360, 60 + 48 * selectors.length), shapes: [frame], xaxis: axis("layer", { showgrid: false, dtick: layers.length > 16 ? 4 : 1 }),
      yaxis: axis("", { tickvals: selectors.map((_, number) => number), ticktext: names, autorange: "reversed", showgrid: false, tickfont: { size: 12 } }) } };
  },
  note(rows) {
    const right = rows[0].right === null ? "" : `; ${percent(rows[0].right)} answered right by itself`;
    const cross = of("swaps", { figure: rows[0].figure, experiment: rows[0].experiment, value: "crossing" })[0];
    const where = cross && cross.estimate !== null ? ` Image and text cross at layer ${number(cross.estimate)} ${between(cross, number)}.` : "";
    return `${counted(rows)}${right}. ${VALUES[rows[0].value][0].toUpperCase()}${VALUES[rows[0].value].slice(1)}; each cell’s 95 % interval shows when it is pointed at, and stands in the csv.${where}`;
  },
});

PLOTS.push({
  id: "carried", table: "swaps", source: (rows) => rows[0].figure,
  rows: () => swapsAt().filter((row) => row.layer === state.layer || row.selector === "donor"),
  draw(rows) {
    const selectors = selectorsOf(rows), shown = shownAs(), share = byId("value").value === "share";
    const own = selectors.map((selector) => rows.find((row) => row.selector === selector)).filter((row) => row.estimate !== null);
    const trace = { x: own.map((row) => row.estimate), y: own.map((row) => selectors.indexOf(row.selector)), mode: "markers", error_x: { ...bars(own), color: colour("--soft") },
      marker: { size: 11, color: hue("#0072B2") }, text: own.map((row) => `${plain(namedSelector(row.selector))}<br>${shown(row.estimate)} ${between(row, shown)}, n = ${row.items}`), hovertemplate: "%{text}<extra></extra>" };
    const names = selectors.map((selector) => plain(wrapped(namedSelector(selector))).replace(/\n/g, "<br>"));
    return { traces: [trace], layout: { height: Math.max(360, 60 + 48 * selectors.length), showlegend: false, shapes: share ? [rule(0, "x"), rule(1, "x")] : [rule(0, "x")],
      xaxis: axis(VALUES[byId("value").value], share ? { tickformat: ".0%" } : {}),
      yaxis: axis("", { tickvals: selectors.map((_, number) => number), ticktext: names, range: [selectors.length - 0.5, -0.5], showgrid: false, tickfont: { size: 12 } }) } };
  },
  note: (rows) => `Layer ${state.layer}, ${counted(rows)}; ${INTERVAL}.`,
});
