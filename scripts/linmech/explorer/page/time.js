// Models of videos: temporal IDs at a layer and over the layers (Fig A13), and nouns moved in time (Fig 10 C).
const film = () => byId("film").value;
const filmLayer = () => Math.min(state.layer, Math.max(...of("figa13", {}, film()).map((row) => row.layer)));
const inTime = (model) => of("fig10", { panel: "C" }, model).filter((row) => row.experiment !== null && row.arm !== null);

const TIME_CHOICES = () => {
  fill("film", unique(rowsOf("figa13").map((row) => row.model)).map((model) => [model, model]));
  fill("moment", unique(inTime(film()).map((row) => row.tokens)).map((tokens) =>
    [tokens, { subject: "the subject", reference: "the reference" }[tokens] || "both, by the same"]));
};

PLOTS.push({
  id: "times", table: "figa13", model: film,
  rows: () => of("figa13", { layer: filmLayer() }, film()),
  draw(rows) {
    const traces = [];
    for (const [point, words, shade, dash] of [["fitted", "objects of the axis", "#0072B2", "dot"], ["held out", "held-out objects", TOLD.looks.ink, "solid"]]) {
      const own = rows.filter((row) => row.point === point && row.coordinate !== null).sort((a, b) => a.frame - b.frame);
      if (!own.length) continue;
      if (point === "held out") traces.push(band(own, "frame", shade));
      traces.push({ x: own.map((row) => row.frame), y: own.map((row) => row.coordinate), mode: "lines+markers", name: words,
        line: { color: hue(shade), dash, width: 2 }, marker: { size: 8, symbol: dash === "solid" ? "circle" : "square" },
        text: own.map((row) => `frame ${row.frame}: ${number(row.coordinate)} ${between(row, number)} frames, n = ${row.n} objects`), hovertemplate: "%{text}<extra></extra>" });
    }
    const known = rows.filter((row) => row.frame !== null).map((row) => row.frame), middle = Math.max(...known) / 2;
    traces.push({ x: known, y: known.map((frame) => frame - middle), mode: "lines", name: "one frame per frame", hoverinfo: "skip",
      line: { color: hue(TOLD.looks.grey), dash: "dash", width: 1.5 } });
    return { traces, layout: { height: 400, xaxis: axis("frame in which the object is seen", { dtick: 1 }), yaxis: axis("place on the axis of time (frames)") } };
  },
  note(rows) {
    const first = rows[0];
    if (first.tau === null) return `Layer ${first.layer}: no IDs.`;
    const told = (name) => `${number(first[name])} ${between({ low: first[`${name}_low`], high: first[`${name}_high`] }, number)}`;
    return `Layer ${first.layer}: order of held-out objects' frames, Kendall's τ ${told("tau")}; slope on the frame ${told("slope")}. Band and intervals: 95 % bootstrap by object.`;
  },
});

PLOTS.push({
  id: "ordered", table: "figa13", model: film,
  rows: () => of("figa13", {}, film()).filter((row) => row.point === "held out" && row.frame === 0),
  draw(rows) {
    const own = rows.filter((row) => row.tau !== null).sort((a, b) => a.layer - b.layer);
    const layers = own.map((row) => row.layer);
    const traces = [
      band(own.map((row) => ({ ...row, low: row.tau_low, high: row.tau_high })), "layer", TOLD.looks.ink),
      { x: layers, y: own.map((row) => row.tau), mode: "lines+markers", name: "order, Kendall's τ", line: { color: colour("--ink"), width: 2 }, marker: { size: 8 },
        hovertemplate: "layer %{x}: τ %{y:.2f}<extra></extra>" },
      { x: layers, y: own.map((row) => row.r2_held_out), mode: "lines+markers", name: "R² on the frame", line: { color: hue("#0072B2"), dash: "dot", width: 2 },
        marker: { size: 8, symbol: "square" }, hovertemplate: "layer %{x}: R² %{y:.2f}<extra></extra>" },
      { x: layers, y: own.map((row) => row.r2_shuffled_high), mode: "lines", name: "R² of shuffled frames, 97.5 %", line: { color: hue(TOLD.looks.grey), dash: "dash", width: 1.5 }, hoverinfo: "skip" }];
    const line = { ...here(), x0: filmLayer(), x1: filmLayer() };
    return { traces, layout: { height: 400, shapes: [line], xaxis: axis("layer"), yaxis: axis("", { range: [Math.min(-0.3, ...own.map((row) => row.tau_low)), 1.04] }) } };
  },
  note: (rows) => `Of ${rows[0].n ?? "no"} objects that the axis was not fitted to; band: 95 % bootstrap by object.`,
});

PLOTS.push({
  id: "later", table: "fig10", model: film,
  rows: () => inTime(film()).filter((row) => row.tokens === byId("moment").value),
  draw: (rows) => followed(rows),
  note: (rows) => `${counted(rows)}, layer ${rows[0].layer}; ${INTERVAL.replace("image", "video")}. Orange: along the IDs’ axis; grey: controls.`,
});
