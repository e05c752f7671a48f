// Nouns moved by cells (Fig 6), and exchanged against the belief (Fig 2).
const arms = (rows) => Object.keys(TOLD.looks.arms).filter((arm) => rows.some((row) => row.arm === arm));
const armOf = (arm) => TOLD.looks.arms[arm];
const mark = (arm, open = false, size = 9) => ({ size, symbol: open ? `${armOf(arm)[2].replace("-open", "")}-open` : armOf(arm)[2],
  color: hue(armOf(arm)[1]), line: { width: armOf(arm)[2].includes("thin") || open ? 2 : 1, color: open || armOf(arm)[2].includes("thin") ? hue(armOf(arm)[1]) : colour("--card") } });
const key = (row) => [row.experiment, row.dataset, row.tokens].join(" | ");
const asked = (row) => {
  const moved = { subject: "subject moved", reference: "reference moved" }[row.tokens] || "both moved";
  return `${row.experiment === "both" || row.experiment === "reference" ? "left-right" : row.experiment}, ${moved} (${row.dataset})`;
};
const answered = (model = state.model) => of("fig6", {}, model).filter((row) => row.experiment !== null && row.arm !== null);
const fits = () => of("fig6", { panel: "B" }).filter((row) => row.share !== null);

const MOVED_CHOICES = () => {
  const rows = answered();
  fill("question", unique(rows.map(key)).map((value) => [value, asked(rows.find((row) => key(row) === value))]));
  fill("dataset", fits().map((row) => [row.dataset, row.dataset]));
};

PLOTS.push({
  id: "answers", table: "fig6",
  rows: () => answered().filter((row) => key(row) === byId("question").value),
  draw: (rows) => followed(rows),
  note: (rows) => `${counted(rows)}, layer ${rows[0].layer}; ${INTERVAL}. Orange: along the IDs’ axis; grey: controls.`,
});

// Shares of answers that follow the rule, a row per arm: those that should turn, and those that should stay.
function followed(rows) {
  const shown = arms(rows);
  const needs = [["turn", "should turn", false], ["stay", "should stay", true]].filter(([need]) => rows.some((row) => row.need === need));
  const traces = needs.map(([need, words, open], at) => {
    const own = shown.map((arm) => rows.find((row) => row.need === need && row.arm === arm)).filter(Boolean);
    return { x: own.map((row) => row.estimate), y: own.map((row) => shown.indexOf(row.arm) + (needs.length > 1 ? 0.32 * at - 0.16 : 0)), mode: "markers", name: words,
      error_x: { ...bars(own), color: colour("--soft") }, text: own.map((row) => `${plain(armOf(row.arm)[0])}, ${words}<br>${percent(row.estimate)} ${between(row)}, n = ${row.items}`),
      hovertemplate: "%{text}<extra></extra>", marker: { size: 10, symbol: open ? "circle-open" : "circle", line: { width: 2 },
        color: own.map((row) => hue(row.arm === "axis" ? "#D55E00" : "#6e6e6e")) } };
  });
  return { traces, layout: { height: 400, xaxis: shares("follow the rule", { dtick: 0.5 }), shapes: [rule(0.5, "x")],
    yaxis: axis("", { tickvals: shown.map((_, at) => at), ticktext: shown.map((arm) => plain(armOf(arm)[0])), range: [shown.length - 0.5, -0.5], showgrid: false }),
    legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top", font: { size: 12 } } } };
}

PLOTS.push({
  id: "ruler", table: "fig6",
  rows: () => {
    const dataset = byId("dataset").value;
    return of("fig6", { panel: "B", dataset }).filter((row) => row.item !== null || row.share !== null);
  },
  draw(rows) {
    const points = rows.filter((row) => row.item !== null && row.crossing !== null);
    const far = 1.08 * Math.max(1, ...rows.filter((row) => row.item !== null).map((row) => Math.abs(row.true)), ...points.map((row) => Math.abs(row.crossing)));
    const traces = [{ x: [-far, far], y: [-far, far], mode: "lines", name: "exact", line: { color: hue(TOLD.looks.grey), dash: "dash", width: 1.5 }, hoverinfo: "skip" }];
    for (const [held, words, symbol, shade] of [[false, "noun was in the grid", "circle", "#0072B2"], [true, "held-out noun", "diamond", "#D55E00"]]) {
      const own = points.filter((row) => row.held_out === held);
      if (own.length) traces.push({ x: own.map((row) => row.true), y: own.map((row) => row.crossing), mode: "markers", name: words,
        text: own.map((row) => plain(row.item)), hovertemplate: "%{text}<br>true %{x:.2f}, turns at %{y:.2f} cells<extra></extra>",
        marker: { size: 7, color: hue(shade), symbol, opacity: 0.8 } });
    }
    return { traces, layout: { height: 400, xaxis: axis("true displacement (cells)", { range: [-far, far], dtick: 1 }),
      yaxis: axis("where the belief turns (cells)", { range: [-far, far], dtick: 1 }), legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top", font: { size: 12 } } } };
  },
  note(rows) {
    const fit = rows.find((row) => row.share !== null), points = rows.filter((row) => row.item !== null);
    const none = points.filter((row) => row.crossing === null).length;
    const told = (name) => `${number(fit[name])} ${between({ low: fit[`${name}_low`], high: fit[`${name}_high`] }, number)}`;
    return `n = ${points.length} items, layer ${fit.layer}; ${none} turn nowhere. Slope ${told("slope")}; within one side ${told("within")}, where 1 is exact (95 % bootstrap by image).`;
  },
});

PLOTS.push({
  id: "follows", table: "fig6",
  rows: () => of("fig6", { panel: "A" }).filter((row) => row.need !== null),
  draw(rows) {
    const traces = [];
    for (const arm of arms(rows)) for (const [need, dash] of [["turn", "solid"], ["stay", "dot"]]) {
      const own = rows.filter((row) => row.arm === arm && row.need === need).sort((a, b) => a.layer - b.layer);
      if (!own.length) continue;
      const shade = arm === "axis" ? "#D55E00" : armOf(arm)[1];
      if (arm === "axis") traces.push(band(own, "layer", shade));
      traces.push({ x: own.map((row) => row.layer), y: own.map((row) => row.estimate), mode: "lines+markers", name: `${armOf(arm)[0]}: should ${need}`,
        line: { color: hue(shade), dash, width: arm === "axis" ? 2.2 : 1.2 }, marker: { size: 6, symbol: need === "turn" ? "circle" : "circle-open" },
        text: own.map((row) => `layer ${row.layer}, should ${need}<br>${percent(row.estimate)} ${between(row)}, n = ${row.items}`), hovertemplate: "%{text}<extra></extra>" });
    }
    return { traces, layout: { height: 400, shapes: [here()], xaxis: axis("layer"), yaxis: shares("follow the rule") } };
  },
  note: (rows) => `${counted(rows)}, on images that only choose the layer; layer ${rows[0].chosen_layer} was chosen. Bands: 95 % bootstrap by image.`,
});

PLOTS.push({
  id: "doses", table: "fig2",
  rows: () => of("fig2", { panel: "C" }),
  draw(rows) {
    const traces = [];
    for (const arm of arms(rows).reverse()) for (const against of [true, false]) {
      const own = rows.filter((row) => row.arm === arm && row.against === against).sort((a, b) => a.size - b.size);
      if (!own.length) continue;
      if (arm === "axis" && against) traces.push(band(own, "size", armOf(arm)[1]));
      traces.push({ x: own.map((row) => row.size), y: own.map((row) => row.estimate), mode: "lines+markers", name: against ? plain(armOf(arm)[0]) : "the same, with its belief",
        error_y: arm === "axis" ? { visible: false } : { ...bars(own), color: hue(armOf(arm)[1]) }, marker: mark(arm, !against, 8),
        line: { color: hue(armOf(arm)[1]), width: arm === "axis" ? 2.4 : 1.2, dash: against ? "solid" : "dot" },
        text: own.map((row) => `${plain(armOf(arm)[0])}, dose ${row.size}<br>${percent(row.estimate)} ${between(row)}, n = ${row.items}`), hovertemplate: "%{text}<extra></extra>" });
    }
    return { traces, layout: { height: 440, shapes: [rule(0.5, "x")], xaxis: axis("dose (1: exchanged, 0.5: they meet)"), yaxis: shares("beliefs swapped"),
      legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top", font: { size: 12 }, traceorder: "reversed" } } };
  },
  note(rows) {
    const tested = of("fig2", { panel: "B", what: "ours" });
    const p = tested.length ? ` p = ${tested[0].p_holm < 0.001 ? "< 0.001" : number(tested[0].p_holm, 3)} against every control (Holm over models).` : "";
    return `${counted(rows)}, layer ${rows[0].layer}; ${INTERVAL}.${p}`;
  },
});

PLOTS.push({
  id: "compared", table: "fig2",
  rows: () => of("fig2", { panel: "A" }, null),
  draw(rows) {
    const models = TOLD.models.filter((model) => rows.some((row) => row.model === model));
    const shown = arms(rows).reverse();
    const traces = shown.map((arm) => {
      const own = rows.filter((row) => row.arm === arm);
      const shift = shown.length > 1 ? 0.5 * ((shown.length - 1 - shown.indexOf(arm)) / (shown.length - 1) - 0.5) : 0;
      return { x: own.map((row) => row.estimate), y: own.map((row) => models.indexOf(row.model) + shift), mode: "markers", name: plain(armOf(arm)[0]), showlegend: false,
        error_x: { ...bars(own), color: hue(armOf(arm)[1]) }, marker: mark(arm),
        text: own.map((row) => `${plain(row.model)}, layer ${row.layer}<br>${plain(armOf(arm)[0])}: ${percent(row.estimate)} ${between(row)}, n = ${row.items}`), hovertemplate: "%{text}<extra></extra>" };
    });
    const names = models.map((model) => (model === state.model ? `<b>${plain(wrapped(model))}</b>` : plain(wrapped(model))).replace(/\n/g, "<br>"));
    return { traces, layout: { height: Math.max(440, 60 + 46 * models.length), xaxis: shares("beliefs swapped", { dtick: 0.5 }),
      yaxis: axis("", { tickvals: models.map((_, at) => at), ticktext: names, range: [models.length - 0.5, -0.5], showgrid: false, tickfont: { size: 11 } }) } };
  },
  note: (rows) => `${counted(rows)} of each model, at its chosen layer; looks as on the left; ${INTERVAL}.`,
});

// A name in lines of at most 18 letters, cut at hyphens where it can be.
function wrapped(name) {
  const lines = [""];
  for (const piece of name.match(/[^-\s]{1,18}[-\s]?|[-\s]/g) || [name]) {
    if (lines[lines.length - 1].length + piece.length > 18 && lines[lines.length - 1]) lines.push("");
    lines[lines.length - 1] += piece;
  }
  return lines.join("\n");
}
