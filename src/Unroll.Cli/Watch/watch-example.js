// An example as the network predicts it, at the updates at which it was recorded.

const example = { run: 0, update: null }; // null follows the last one
const MOST_ROWS = 200;

const examplesOf = run => run.moments.filter(moment => moment.example);
const listOf = value => Array.isArray(value) ? value : [];
const finite = value => typeof value === "number" && Number.isFinite(value);

function labelsOf(one) {
  const rows = listOf(one.rows).slice(0, MOST_ROWS).map(row => element("tr", null,
    element("td", { class: "wide" }, String(row[0])), element("td", { class: "wide" }, String(row[1])),
    element("td", { class: "wide" }, String(row[2])),
    row[3] === true ? element("td", { class: "good" }, "right") : row[3] === false ? element("td", { class: "bad" }, "wrong")
      : element("td", null, "")));
  const headings = ["sequence", "truth", "predicted", ""].map(name => element("th", { class: "plain", scope: "col" }, name));
  return element("div", { class: "scroll" }, element(
    "table", null, element("thead", null, element("tr", null, ...headings)), element("tbody", null, ...rows)));
}

function forecastOf(one, width) {
  const valuesOf = part => listOf(part).map(value => finite(value) ? value : NaN);
  const [history, truth, forecast] = [one.history, one.truth, one.forecast].map(valuesOf);
  const start = -history.length + 1, all = [...history, ...truth, ...forecast].filter(Number.isFinite);
  if (all.length === 0) return element("p", { class: "empty" }, "There is no value to draw.");
  const [low, high] = withRoom(Math.min(...all), Math.max(...all), false), height = 260, wide = Math.min(width, 1100);
  const end = Math.max(truth.length, forecast.length, 1);
  const x = scaleOf(start, end, MARGIN.left, wide - MARGIN.right), y = scaleOf(low, high, height - MARGIN.bottom, MARGIN.top);
  const svg = frame(
    wide, height, x, y, ticksOf(start, end, false, wide / 90).map(value => [value, short(value)]),
    ticksOf(low, high, false, 4).map(value => [value, short(value)]),
    { x: "steps from the last one that is read", y: String(one.label ?? "value"), title: "Forecast and truth" });
  const line = (values, first, s) => svg.append(shape("path", {
    class: `curve stroke s${s}`, d: pathOf(values.map((value, i) => [x(first + i), y(value)])),
    "stroke-dasharray": s > 0 ? "5 3" : null, "data-series": s > 0 ? "forecast" : "truth" }));
  line([...history, ...truth], start, 0);
  line(forecast, 1, 1);
  svg.append(shape("line", { class: "reference", x1: x(0), x2: x(0), y1: MARGIN.top, y2: height - MARGIN.bottom }));
  const key = (s, name) => element("span", null, keyOf({ colour: s, dash: s > 0 ? "5 3" : "" }), name);
  return element("div", null, element("div", { class: "legend" }, key(0, "truth"), key(1, "forecast")), svg);
}

function rollOf(one, width) {
  const notes = listOf(one.notes).slice(0, 20000).filter(note => finite(note?.[0]) && finite(note?.[1]));
  const steps = Math.max(1, finite(one.steps) ? one.steps : 1);
  if (notes.length === 0) return element("p", { class: "empty" }, "Silence: the network writes no note.");
  const keys = notes.map(note => note[1]), low = Math.min(...keys) - 1, high = Math.max(...keys) + 2;
  const wide = Math.min(width, 1400), height = 60 + clamp((high - low) * 6, 80, 400);
  const x = scaleOf(0, steps, MARGIN.left, wide - MARGIN.right), y = scaleOf(low, high, height - MARGIN.bottom, MARGIN.top);
  const pitches = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
  const name = key => `${pitches[((key % 12) + 12) % 12]}${Math.floor(key / 12) - 1}`;
  const octaves = ticksOf(low, high, false, 5).filter(Number.isInteger).map(key => [key, name(key)]);
  const svg = frame(wide, height, x, y, ticksOf(0, steps, false, wide / 90).map(value => [value, short(value)]), octaves,
    { x: "steps", y: "key", title: "What the network writes, as a piano roll" });
  svg.id = "roll";
  for (const [t, key] of notes) {
    svg.append(shape("rect", {
      x: x(t), y: y(key + 1), width: Math.max(1, x(t + 1) - x(t)), height: Math.max(1, y(key) - y(key + 1) - 0.5) }));
  }

  return svg;
}

const KINDS = {
  labels: labelsOf,
  series: forecastOf,
  roll: rollOf,
  text: one => element("pre", null, String(one.text ?? "")),
};

const unknown = () => element("p", { class: "empty" }, "An example of a later version, which this page cannot show.");

function drawExample(width) {
  const host = find("example"), some = runs.map((_, i) => i).filter(i => examplesOf(runs[i]).length > 0);
  find("example-section").hidden = some.length === 0;
  if (some.length === 0) return;
  if (!some.includes(example.run)) example.run = some[0];
  const all = examplesOf(runs[example.run]);
  const places = all.map(moment => moment.update);
  const chosen = example.update === null ? all.length - 1 : Math.max(0, nearest(places, example.update));
  const { update, example: one } = all[chosen], focused = document.activeElement?.name;
  const redraw = () => drawExample(find("example").clientWidth);
  const controls = element("div", { class: "controls" });
  if (some.length > 1) {
    controls.append(element("label", null, "run", element(
      "select", { name: "example-run", change: event => { example.run = Number(event.target.value); redraw(); } },
      ...some.map(i => element("option", { value: i, selected: i === example.run }, runs[i].name)))));
  }

  if (all.length > 1) {
    controls.append(element("label", null, "recording", element("input", {
      type: "range", name: "example-at", min: 0, max: all.length - 1, step: 1, value: chosen,
      "aria-valuetext": `update ${count(update)}`,
      input: event => {
        const place = Number(event.target.value);
        example.update = place === all.length - 1 ? null : all[place].update;
        redraw();
      } })));
  }

  host.dataset.update = update;
  host.replaceChildren(
    controls, element("p", { class: "note" }, `At update ${count(update)}. ${String(one.title ?? "")}`),
    (Object.hasOwn(KINDS, one.kind) ? KINDS[one.kind] : unknown)(one, width));
  if (focused) host.querySelector(`[name=${CSS.escape(focused)}]`)?.focus();
}
