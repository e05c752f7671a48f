// The controls: which model, layer and experiment is shown, in which theme; and what is drawn again for each.
const SECTIONS = { ids: "ids", moved: "moved", exchanged: "exchanged", swaps: "swaps", wrong: "fails", verdict: "fails", emergence: "emergence" };
const there = (id) => byId(id) !== null;
const OF_A_LAYER = ["grid", "depth", "follows", "heat", "carried", "trained", "samples", "times", "ordered"];
let playing = null;

function drawFindings() {
  byId("named").textContent = state.model;
  byId("at").textContent = state.layer;
  document.querySelector("#findings ol").replaceChildren(...Object.entries(TOLD.findings[state.model]).filter(([, text]) => text).map(([section, text]) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = `#${SECTIONS[section]}`;
    link.textContent = "see";
    link.setAttribute("aria-label", `see ${byId(SECTIONS[section]).querySelector("h2").textContent}`);
    item.append(`${text} `, link);
    return item;
  }));
}

// What is far from the screen is drawn when it comes near: the page opens at once, however many models there are.
const DRAWN = [...PLOTS.map((plot) => [plot.id, () => drawPlot(plot)]),
  ["samples", drawSamples], ["verdict", drawVerdict]].filter(([id]) => there(id));
const near = new Set(), stale = new Set();
function redraw(ids) {
  for (const [id, drawn] of DRAWN) {
    if (!ids.includes(id)) continue;
    stale.add(id);
    if (near.has(id)) { stale.delete(id); drawn(); }
  }
}
const watch = new IntersectionObserver((seen) => {
  for (const each of seen) {
    if (each.isIntersecting) near.add(each.target.id); else near.delete(each.target.id);
  }
  redraw([...stale].filter((id) => near.has(id)));
  document.documentElement.dataset.ready = "yes";
}, { rootMargin: "250px" });

function drawLayer() {
  byId("at").textContent = state.layer;
  byId("layer").setAttribute("aria-valuetext", `layer ${state.layer}`);
  redraw(OF_A_LAYER);
}

function drawAll() {
  drawFindings();
  if (there("moved")) MOVED_CHOICES();
  if (there("swaps")) SWAP_CHOICES();
  if (there("time")) TIME_CHOICES();
  redraw(DRAWN.map(([id]) => id));
}

function choose(model) {
  state.model = model;
  const layers = layersOf(model), best = of("codes").find((row) => row.shown);
  byId("layer").max = layers[layers.length - 1];
  state.layer = best ? best.layer : layers[layers.length - 1];
  byId("layer").value = state.layer;
  drawAll();
}

function stop() {
  clearInterval(playing);
  playing = null;
  byId("play").textContent = "Play layers";
  byId("play").setAttribute("aria-pressed", "false");
}

function step() {
  const last = Number(byId("layer").max);
  state.layer = state.layer >= last ? 0 : state.layer + 1;
  byId("layer").value = state.layer;
  drawLayer();
  if (state.layer === last) stop();
}

function themed() {
  byId("theme").textContent = dark() ? "Light theme" : "Dark theme";
}

fill("model", TOLD.models.map((model) => [model, model]));
byId("model").addEventListener("change", (event) => { stop(); choose(event.target.value); });
byId("layer").addEventListener("input", (event) => { stop(); state.layer = Number(event.target.value); drawLayer(); });
byId("play").addEventListener("click", () => {
  if (playing) { stop(); return; }
  playing = setInterval(step, 900);
  byId("play").textContent = "Pause";
  byId("play").setAttribute("aria-pressed", "true");
  step();
});
byId("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  themed();
  drawAll();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { themed(); drawAll(); });
document.querySelector(".bar").addEventListener("submit", (event) => event.preventDefault());
for (const [id, plots] of [["question", ["answers"]], ["dataset", ["ruler"]], ["experiment", ["heat", "carried"]], ["value", ["heat", "carried"]],
  ["film", ["times", "ordered", "later"]], ["moment", ["later"]]]) {
  if (there(id)) byId(id).addEventListener("change", () => {
    if (id === "experiment") SWAP_CHOICES();
    if (id === "film") TIME_CHOICES();
    redraw(plots);
  });
}
const csvRows = { samples: samplesOf, verdict: () => of("verdict", {}, null) };
document.querySelectorAll("button.csv").forEach((button) => button.addEventListener("click", () => {
  const id = button.dataset.plot || button.closest("figure").id;
  const plot = PLOTS.find((each) => each.id === id) || {};
  download(`linmech-${id}-${modelOf(plot)}`, csvRows[id] ? csvRows[id]() : plot.rows());
}));
themed();
choose(TOLD.models[0]);
DRAWN.forEach(([id]) => watch.observe(byId(id)));
