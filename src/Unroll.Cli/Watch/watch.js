// The page of one or more runs: what happens now, curves, and what a server sends while a run goes on.

let data = JSON.parse(find("run-data").textContent);
let runs = data.runs;
const hidden = new Set(); // names of runs that are not shown
const PLOTS = [
  { id: "error", title: "Error", unit: "wrong", percent: true, low: 0, log: false, reference: 0.01,
    series: [["error", "error"], ["error", "least so far", leastSoFar], ["selection_error", "at selection length"],
      ["strict_error", "strict"]] },
  { id: "loss", title: "Loss",
    series: [["validation_loss", "validation"], ["loss", "training"], ["validation_loss", "least so far", leastSoFar],
      ["selection_cost", "at selection length"]] },
  { id: "gradient", title: "Gradient norm", log: true, threshold: true,
    series: [["gradient_norm", "before clipping"], ["clipped_norm", "after clipping"], ["clip_threshold", "threshold"]] },
  { id: "clip", title: "Clip rate", unit: "clipped", percent: true, low: 0, log: false, series: [["clip_rate", "clip rate"]] },
  { id: "omega", title: "Omega", series: [["omega", "Omega"]] },
  { id: "kept", title: "Kept by Omega", unit: "kept", percent: true, low: 0, log: false, series: [["omega_kept", "kept"]] },
  { id: "spectrum", title: "Spectrum", log: false, reference: 1,
    series: [["spectral_radius", "spectral radius"], ["largest_singular_value", "largest singular value"]] },
  { id: "rate", title: "Learning rate", series: [["learning_rate", "rate"]] },
  { id: "damping", title: "Damping", series: [["damping", "damping"]] },
  { id: "length", title: "Longest length", log: false, low: 0, series: [["longest_length", "length"]] },
  { id: "speed", title: "Speed", unit: "updates a second", log: false, low: 0, series: [["updates_per_second", "speed"]] },
];

const lastOf = run => Math.max(1, ...Object.values(run.curves).map(([at]) => at[at.length - 1] ?? 0));

/** The updates that are shown. */
function rangeOf() {
  const to = Math.max(1, ...runs.filter(run => !hidden.has(run.name)).map(lastOf));
  return view.from === null ? { from: 0, to } : { from: view.from, to: view.to };
}

/** A curve, of a part of a long run the finer one that the server gave. */
function curveOf(run, column) {
  const finer = run.finer, has = finer && view.from !== null && finer.from <= view.from && finer.to >= view.to;
  return (has ? finer.curves[column] : null) ?? run.curves[column];
}

function seriesOf(plot) {
  return runs.flatMap((run, r) => hidden.has(run.name) ? [] : plot.series.flatMap(([column, name, derive], q) => {
    const curve = derive ? run.curves[column] : curveOf(run, column);
    if (!curve || curve[0].length === 0) return [];
    const style = styleOf(r, q);
    return [{ curve: derive ? derive(curve) : curve, name: runs.length > 1 ? `${run.name}: ${name}` : name, style }];
  }));
}

const hasAny = plot => runs.some(run => plot.series.some(([column]) => run.curves[column]?.[0].length > 0));

let plots = [];
function drawPlots(width) {
  const gap = 16, columns = clamp(Math.floor((width + gap) / (340 + gap)), 1, 6), host = find("curves");
  host.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  const wanted = PLOTS.filter(hasAny);
  if (wanted.length !== plots.length || wanted.some((plot, i) => plots[i].plot !== plot)) {
    plots = wanted.map(plot => {
      const units = [...new Set(runs.map(run => run.unit).filter(Boolean))];
      const thresholds = [...new Set(runs.map(run => run.threshold))];
      const own = { ...plot, unit: plot.id === "loss" && units.length === 1 ? units[0] : plot.unit };
      if (plot.threshold && thresholds.length === 1 && thresholds[0] > 0) own.reference = thresholds[0];
      return { plot, ...sharedPlot(own, () => seriesOf(plot), zoom, point) };
    });
    const none = element("p", { class: "empty" }, "There is no check yet.");
    host.replaceChildren(...plots.length > 0 ? plots.map(one => one.figure) : [none]);
  }

  for (const one of plots) one.draw(Math.floor((width - (columns - 1) * gap) / columns));
  page.dataset.rows = runs.map(run => run.rows).join(" ");
  page.dataset.last = runs.map(run => lastOf(run)).join(" ");
}

let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  const now = () => {
    if (!waiting) return;
    waiting = false;
    drawPlots(find("curves").clientWidth);
    drawHeat(find("heat").clientWidth);
  };
  requestAnimationFrame(now);
  setTimeout(now, 200); // a page in the background draws no frames, and shows the right thing when it is looked at
}

function point(update) {
  view.cursor = update;
  for (const one of plots) one.show();
}

function zoom(from, to) {
  const whole = from === null, all = Math.max(1, ...runs.map(lastOf));
  if (!whole && to - from < 1) return;
  [view.from, view.to] = whole ? [null, null] : [clamp(from, 0, all), clamp(to, 0, all)];
  find("whole").disabled = whole;
  find("range").textContent = whole ? "" : `updates ${count(Math.round(view.from))} to ${count(Math.round(view.to))}`;
  redraw();
  if (!whole && data.live) refine();
}

/** Asks for the finer curves of a part of those runs whose curves are thinned. */
async function refine() {
  const { from, to } = view;
  for (const [i, run] of runs.entries()) {
    const most = Math.max(0, ...Object.values(run.curves).map(([at]) => at.length)), finer = run.finer;
    const isFine = finer && finer.from <= from && finer.to >= to && finer.to - finer.from < 2 * (to - from);
    if (run.rows <= most || isFine) continue;
    try {
      const answer = await fetch(`curves?run=${i}&from=${from}&to=${to}`);
      if (!answer.ok) continue;
      run.finer = { from, to, curves: await answer.json() };
      redraw();
    } catch {
      return; // the server has gone, which the stream of events says
    }
  }
}

const list = pairs => pairs.map(([name, value]) => element("div", null, element("dt", null, name), element("dd", null, value)));

function showHead() {
  const names = runs.map(run => run.name).join(", ");
  document.title = `${names} - Unroll run`;
  find("name").textContent = names;
  find("facts").replaceChildren(...runs.length === 1 ? list(runs[0].facts) : []);
  find("legend").replaceChildren(...runs.length === 1 ? [] : runs.map((run, r) => element("button", {
    type: "button", "aria-pressed": String(!hidden.has(run.name)), title: "Shows or hides the run", click: event => {
      if (!hidden.delete(run.name)) hidden.add(run.name);
      event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(run.name)));
      redraw();
    } }, keyOf(styleOf(r, 0)), run.name)));
}

function showState() {
  const states = { running: "in progress", stopped: "not in progress", ended: "ended" };
  const left = run => missing(run.left) ? "" : `, at most ${time(run.left)} to go`;
  find("state").textContent = runs.map(run => `${runs.length > 1 ? `${run.name}: ` : ""}${states[run.state] ?? run.state}, `
    + `${count(run.checks)} ${run.checks === 1 ? "check" : "checks"}${left(run)}`).join("; ");
  const lines = runs.flatMap(run => run.words.map(text => [run, text]));
  find("words").replaceChildren(...lines.map(([run, text]) => element(
    "li", null, runs.length > 1 ? element("span", { class: "of" }, `${run.name}: `) : null, text)));
  page.dataset.state = runs.map(run => run.state).join(" ");
}

function showOptions() {
  const names = [...new Set(runs.flatMap(run => run.options.map(([name]) => name)))];
  const rows = names.map(name => {
    const found = runs.map(run => run.options.find(option => option[0] === name));
    const values = found.map(option => option?.[1] ?? "-"), sources = [...new Set(found.map(option => option?.[2] ?? ""))];
    const bold = runs.length > 1 ? new Set(values).size > 1 : sources.includes("given");
    const texts = [name, ...values, sources.filter(Boolean).join("; ")];
    return element("tr", { class: bold ? "given" : null }, ...texts.map(text => element("td", null, text)));
  });
  const headings = ["option", ...runs.length > 1 ? runs.map(run => run.name) : ["value"], "from"];
  find("options-note").textContent = names.length === 0 ? "The folder does not say them."
    : runs.length > 1 ? "All options, resolved; those that differ between the runs are bold."
    : "All options, resolved, and where each value is from; those given on the command line are bold.";
  find("options").replaceChildren(...names.length === 0 ? [] : [element("div", { class: "scroll" }, element(
    "table", null,
    element("thead", null, element("tr", null, ...headings.map(name => element("th", { class: "plain", scope: "col" }, name)))),
    element("tbody", null, ...rows)))]);
}

/** Values that are missing are null in JSON. */
function prepare() {
  for (const run of runs) {
    for (const curve of Object.values(run.curves)) curve[1] = curve[1].map(value => value ?? NaN);
  }
}

function showAll() {
  prepare();
  showHead();
  showState();
  showOptions();
  chooseHeat(redraw);
  plots = [];
}

function say(text) {
  find("link").textContent = text;
  page.dataset.link = text;
}

find("curves").addEventListener("keydown", event => {
  const one = plots.find(plot => plot.figure === event.target.closest("figure"));
  if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
  const places = one.places(), { from, to } = rangeOf(), at = view.cursor ?? to, i = nearest(places, at);
  const width = to - from, around = factor => {
    const start = Math.max(0, at - (at - from) * factor);
    zoom(start, start + width * factor);
  };
  const acts = {
    ArrowLeft: () => point(places[Math.max(0, i - 1)] ?? null),
    ArrowRight: () => point(places[Math.min(places.length - 1, i + 1)] ?? null),
    Home: () => point(places[0] ?? null), End: () => point(places[places.length - 1] ?? null),
    "+": () => around(0.5), "=": () => around(0.5), "-": () => view.from !== null && around(2),
    0: () => zoom(null, null), Escape: () => zoom(null, null),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});
find("whole").addEventListener("click", () => zoom(null, null));

/** Follows the server that this page came from. */
function follow() {
  const source = new EventSource(`events?at=${encodeURIComponent(data.at)}`);
  const hear = (name, act) => source.addEventListener(name, event => {
    say("");
    act(JSON.parse(event.data));
    if (event.lastEventId) page.dataset.at = event.lastEventId;
  });
  hear("rows", ({ run: i, rows }) => {
    const run = runs[i];
    for (const row of rows) {
      run.rows++;
      data.names.forEach((name, c) => {
        if (row[c + 1] !== null) addPoint(run.curves[name] ??= [[], []], row[0], row[c + 1]);
      });
    }

    redraw();
  });
  hear("moment", ({ run: i, moment }) => {
    const run = runs[i];
    run.moments = run.moments.filter(one => one.update < moment.update).concat(moment).slice(-2000);
    const old = run.moments.filter(one => one.example).slice(0, -40);
    for (const one of old) delete one.example;
    if (moment.clipped_norm !== null) addPoint(run.curves.clipped_norm ??= [[], []], moment.update, moment.clipped_norm);
    chooseHeat(redraw);
    drawExample(find("example").clientWidth);
    redraw();
  });
  hear("state", ({ run: i, ...state }) => {
    Object.assign(runs[i], state);
    showState();
  });
  hear("reset", async () => {
    // Another run is in the folder, or the run went back: what is shown does not hold any more.
    source.close();
    try {
      const answer = await fetch("data");
      if (!answer.ok) throw new Error();
      data = await answer.json();
      runs = data.runs;
      showAll();
      redraw();
      drawExample(find("example").clientWidth);
      page.dataset.resets = Number(page.dataset.resets ?? 0) + 1;
      follow();
    } catch {
      say("The connection is lost.");
      setTimeout(() => location.reload(), 3000);
    }
  });
  hear("end", ({ text }) => {
    source.close();
    say(text);
    page.dataset.ended = "true";
  });
  source.addEventListener("error", () => {
    say(source.readyState === EventSource.CLOSED
      ? "The server has refused this page; open the address that it wrote to its terminal."
      : "The connection is lost; the page tries again by itself.");
  });
  source.addEventListener("open", () => {
    say("");
    page.dataset.opens = Number(page.dataset.opens ?? 0) + 1;
  });
}

prepare();
showHead();
showState();

// After the first frame: words and facts are there at once, however long the curves take; the heat map and the rest come after the
// curves, which are what a reader sees first.
let begun = false;
function begin() {
  if (begun) return;
  begun = true;
  drawToWidth(find("curves"), drawPlots);
  setTimeout(() => {
    showOptions();
    chooseHeat(redraw);
    drawToWidth(find("heat"), drawHeat);
    drawToWidth(find("example"), drawExample);
    if (data.live) follow();
    page.dataset.ready = "true";
  });
}

requestAnimationFrame(() => setTimeout(begin));
setTimeout(begin, 500); // a page in the background has no frames
