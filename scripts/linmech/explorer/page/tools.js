// What all plots share: the page's data as rows, colours of the theme, and how one plot is drawn.
const TOLD = JSON.parse(document.getElementById("told").textContent);
const state = { model: TOLD.models[0], layer: 0 };
const PLOTS = [];
const byId = (id) => document.getElementById(id);
const GREYS = { "#1a1a1a": "--ink", "#6e6e6e": "--soft", "#8c8c8c": "--soft" };
const PALER = { "#0072B2": "#4aa3df", "#8B5A2B": "#c08a55", "#D55E00": "#f0813a" };

// The rows of a table of which all named columns have a value, for a model and the values of `keep`.
const cache = {};
function rowsOf(name) {
  if (!cache[name]) {
    const columns = Object.entries(TOLD.tables[name]);
    const count = columns.length ? columns[0][1].length : 0;
    cache[name] = Array.from({ length: count }, (_, at) => Object.fromEntries(columns.map(([key, all]) => [key, all[at]])));
  }
  return cache[name];
}
function of(name, keep = {}, model = state.model) {
  const wanted = Object.entries(keep);
  return rowsOf(name).filter(
    (row) => (model === null || row.model === model) && wanted.every(([key, value]) => row[key] === value));
}
const unique = (values) => [...new Set(values)];
const layersOf = (model) => unique(of("fig5-layers", {}, model).map((row) => row.layer)).sort((a, b) => a - b);

// A command, whose words are not broken at their hyphens, and copied as one line.
function tellCommand(box, command) {
  const words = command.split(" ").map((word) => Object.assign(document.createElement("span"), { textContent: word }));
  box.replaceChildren(...words.flatMap((word, at) => (at ? [" ", word] : [word])));
}

// Words and numbers.
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const number = (value, digits = 2) =>
  value === null ? "–" : value.toFixed(digits).replace(/^-(?=0*\.?0*$)/, "").replace("-", "−");
const percent = (value) => (value === null ? "–" : `${number(100 * value, 0)} %`);
const between = (row, shown = percent) =>
  row.low === null ? "no interval" : `[${shown(row.low).replace(" %", "")}, ${shown(row.high).replace(" %", "")}]`;
const counted = (rows) => {
  const counts = unique(rows.map((row) => row.items)).sort((a, b) => a - b);
  const most = counts.length > 1 ? `${counts[0]} to ${counts[counts.length - 1]}` : counts[0];
  const unsure = Math.max(0, ...rows.map((row) => row.undecided || 0));
  return `n = ${most} items${unsure ? `, ${unsure} undecided` : ""}`;
};
const INTERVAL = "bars and bands: 95 % bootstrap by image";

// Colours.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = () => getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ||
  (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
const hue = (value) => (GREYS[value] ? colour(GREYS[value]) : (dark() && PALER[value]) || value);
function faded(value, share) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hue(value).slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${share})`;
}

// Parts of plots.
const axis = (title, more = {}) => ({
  title: { text: title, standoff: 8 }, fixedrange: true, zeroline: false, gridcolor: colour("--line"), automargin: true,
  linecolor: colour("--line"), tickcolor: colour("--line"), ...more });
const shares = (title, more = {}) => axis(title, { range: [-0.04, 1.04], tickformat: ".0%", dtick: 0.25, ...more });
const bars = (rows, value = "estimate") => ({
  type: "data", symmetric: false, thickness: 1, width: 3,
  array: rows.map((row) => (row.high === null ? 0 : row.high - row[value])),
  arrayminus: rows.map((row) => (row.low === null ? 0 : row[value] - row.low)) });
function band(rows, x, value) {
  const known = rows.filter((row) => row.low !== null);
  return { x: [...known.map((row) => row[x]), ...known.map((row) => row[x]).reverse()],
    y: [...known.map((row) => row.high), ...known.map((row) => row.low).reverse()],
    fill: "toself", fillcolor: faded(value, 0.16), line: { width: 0 }, mode: "lines", hoverinfo: "skip", showlegend: false };
}
const here = () => ({ type: "line", x0: state.layer, x1: state.layer, yref: "paper", y0: 0, y1: 1,
  line: { color: colour("--accent"), width: 2, dash: "dot" } });
const rule = (value, along = "y") => ({ type: "line", xref: along === "y" ? "paper" : "x", yref: along === "y" ? "y" : "paper",
  x0: along === "y" ? 0 : value, x1: along === "y" ? 1 : value, y0: along === "y" ? value : 0, y1: along === "y" ? value : 1,
  line: { color: colour("--soft"), width: 1, dash: "dash" } });

// A plot: {id, table, rows(), draw(rows) -> {traces, layout}, note(rows)}; what it shows is what its csv holds. model():
// the model that it is of, where this is not the page's.
const modelOf = (plot) => (plot.model ? plot.model() : state.model);
function drawPlot(plot) {
  const box = byId(plot.id);
  const rows = plot.rows();
  if (!rows.length) {
    Plotly.purge(box.querySelector(".drawing"));
    box.querySelector(".note").textContent = `Nothing was measured of ${modelOf(plot)} here (layer ${state.layer}).`;
    return;
  }
  const { traces, layout } = plot.draw(rows);
  const legend = { orientation: "h", x: 0, xanchor: "left", y: -0.24, yanchor: "top", font: { size: 12 }, itemclick: false, itemdoubleclick: false };
  const whole = { font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("--ink") },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8 }, height: 380, legend,
    hoverlabel: { bgcolor: colour("--card"), bordercolor: colour("--soft"), font: { color: colour("--ink") } }, dragmode: false, ...layout };
  const drawing = box.querySelector(".drawing");
  drawing.style.height = `${whole.height}px`;
  const note = plot.note(rows);
  drawing.setAttribute("aria-label", `${box.querySelector("h3").textContent}. ${note}`);
  box.querySelector(".note").textContent = note;
  tellCommand(box.querySelector("code"), TOLD.commands[plot.source ? plot.source(rows) : plot.table]);
  Plotly.react(drawing, traces, whole, { displayModeBar: false, responsive: true });
}

// The rows of a plot as csv, in the order in which they stand in their figure's.
const quoted = (value) => {
  const text = value === null ? "" : value === true ? "True" : value === false ? "False" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};
function asCsv(rows) {
  if (!rows.length) return "";
  const columns = Object.keys(rows[0]).filter((key) => rows.some((row) => row[key] !== null));
  return [columns.map(quoted).join(","), ...rows.map((row) => columns.map((key) => quoted(row[key])).join(","))].join("\n") + "\n";
}
function download(name, rows) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv(rows)], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A select of [value, words] pairs; what was chosen stays chosen where it is still there.
function fill(id, options) {
  const select = byId(id);
  const before = select.value;
  select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  if (options.some(([value]) => value === before)) select.value = before;
  select.disabled = options.length < 2;
}
