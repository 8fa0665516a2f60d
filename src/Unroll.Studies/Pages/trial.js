// One trial: its result, curves, tests and options.

const COLUMNS = ["update", "seconds", "loss", "validation_loss", "error", "gradient_norm", "clip_rate", "omega", "spectral_radius", "largest_singular_value"];
let curves = null;

/** The checks of a trial by column; null when the page has no curve of it. */
async function curveOf(trial) {
  curves ??= new Map(JSON.parse(find("curve-data").textContent).map(([index, points, data]) => [index, { points, data }]));
  const curve = curves.get(trial);
  if (!curve || curve.points === 0) return null;
  const packed = Uint8Array.from(atob(curve.data), letter => letter.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const planes = new Uint8Array(await new Response(inflated).arrayBuffer());
  // Bytes of equal significance are stored together; each column has `points` floats, little-endian.
  const values = curve.points * COLUMNS.length, bytes = new Uint8Array(4 * values);
  for (let i = 0; i < bytes.length; i++) bytes[i] = planes[(i % 4) * values + (i >> 2)];
  const view = new DataView(bytes.buffer);
  const floats = Float64Array.from({ length: values }, (_, i) => view.getFloat32(4 * i, true));
  return Object.fromEntries(COLUMNS.map((name, c) => [name, floats.subarray(c * curve.points, (c + 1) * curve.points)]));
}

const plotsOf = curve => [
  ...byCost ? [
    { title: "validation cost", unit: study.cost_unit, series: [{ name: "validation", values: curve.validation_loss }], text: cost },
    { title: "training cost", series: [{ name: "training", values: curve.loss }] },
  ] : [
    { title: "error", series: [{ name: "error", values: curve.error }], log: false, low: 0, reference: 0.01, text: percent, tick: value => `${number(100 * value)}%`, unit: "wrong" },
    { title: "loss", series: [{ name: "training", values: curve.loss }, { name: "validation", values: curve.validation_loss }] },
  ],
  { title: "gradient norm", series: [{ name: "gradient norm", values: curve.gradient_norm }], log: true },
  { title: "clip rate", series: [{ name: "clip rate", values: curve.clip_rate }], log: false, low: 0, text: percent, tick: value => `${number(100 * value)}%`, unit: "clipped" },
  { title: "Omega", series: [{ name: "Omega", values: curve.omega }] },
  { title: "spectral radius", series: [{ name: "spectral radius", values: curve.spectral_radius }], log: false, reference: 1 },
];

const list = (kind, pairs) => element("dl", { class: kind }, ...pairs.map(([name, value, style]) => element("div", { class: style }, element("dt", null, name), element("dd", null, value))));

function resultOf(trial) {
  if (!isDone(trial)) return element("p", { class: "note" }, "This trial is not finished, so it has no result and no curve yet.");
  const made = study.made[trials.made[trial]];
  const never = value => value === null ? "never" : `update ${count(value)}`;
  const found = byCost ? FOLDS.map(fold => [fold, cost(foldCost(trial, fold)) || "-"]) : [
    ["first hit", `${never(trials.first_hit[trial])}${trials.first_hit_seconds[trial] === null ? "" : `, ${time(trials.first_hit_seconds[trial])}`}`],
    ["three in a row", never(trials.sustained[trial])],
    ["least error", percent(trials.error[trial]) || "-"],
  ];
  return list("facts", [
    ["outcome", outcomeOf(trial)],
    ["updates", count(trials.updates[trial])],
    ...found,
    ["best model", `update ${count(trials.best_update[trial])}${byCost || trials.loss[trial] === null ? "" : `, validation loss ${number(trials.loss[trial])}`}`],
    ["time", `${time(trials.seconds[trial])}${trials.tests[trial] ? `, tests ${time(trials.test_seconds[trial])}` : ""}`],
    ["made by", `unroll ${made.version}, ${made.kernel}`],
    ...study.messages[trial] === undefined ? [] : [["message", study.messages[trial]]],
  ]);
}

function testsOf(trial) {
  const tests = trials.tests[trial] ?? [];
  if (tests.length === 0) return null;
  if (byCost) return costsOf(tests);
  const cells = ([length, sequences, error, strict, loss]) => [length, count(sequences), percent(error), percent(strict), number(loss)];
  return element(
    "section", null, element("h3", null, "Tests of the best model on fresh sequences"),
    element("div", { class: "scroll" }, element(
      "table", null,
      element("thead", null, element("tr", null, ...["length", "sequences", "error", "strict error", "loss"].map(
        title => element("th", { class: "number plain", scope: "col" }, title)))),
      element("tbody", null, ...tests.map(test => element("tr", null, ...cells(test).map(text => element("td", { class: "number" }, text))))))));
}

/** The costs of the folds, and of the pieces of the test fold if it has pieces. */
function costsOf(tests) {
  const table = (heading, rows) => element("div", { class: "scroll" }, element(
    "table", null,
    element("thead", null, element("tr", null, ...[heading, "steps", study.cost_unit].map(title => element("th", { class: "number plain", scope: "col" }, title)))),
    element("tbody", null, ...rows.map(([name, steps, , , value]) => element("tr", null, ...[name, count(steps), cost(value)].map(text => element("td", { class: "number" }, text)))))));
  const pieces = tests.filter(test => !FOLDS.includes(test[0]));
  return element(
    "section", null, element("h3", null, "Costs of the best model by validation"), table("fold", tests.filter(test => FOLDS.includes(test[0]))),
    pieces.length === 0 ? null : element("details", null, element("summary", null, `${count(pieces.length)} pieces of the test fold`), table("piece", pieces)));
}

function optionsOf(trial) {
  const all = [
    ...Object.entries(study.same).map(([name, value]) => [name, value]),
    ...study.other.filter(one => one.of[trial] >= 0).map(one => [one.option, one.values[one.of[trial]], "varied"]),
  ].sort((a, b) => a[0] < b[0] ? -1 : 1);
  return element("section", null, element("h3", null, "Options"), element("p", { class: "note" }, "All options, resolved. Options that vary in the study are bold."), list("options", all));
}

/** Opens a trial; neighbours are the trials before and after it in the table. */
async function showTrial(trial, go, neighbours) {
  const dialog = find("trial"), plots = element("div", { class: "plots" });
  const step = (title, text, to) => element("button", { type: "button", "aria-label": title, title, disabled: to === undefined, click: () => go(to) }, text);
  const focused = document.activeElement?.getAttribute("aria-label");
  dialog.replaceChildren(
    element(
      "div", { class: "bar" }, element("h2", { id: "trial-name" }, nameOf(trial)), step("Previous trial", "\u2190", neighbours[0]), step("Next trial", "\u2192", neighbours[1]),
      element("button", { type: "button", autofocus: true, click: () => dialog.close() }, "Close")),
    element("div", { class: "inside" }, resultOf(trial), plots, ...[testsOf(trial), optionsOf(trial)].filter(Boolean), element("p", { class: "note" }, `identity ${trials.hash[trial]}`)));
  if (!dialog.open) dialog.showModal();
  else [...dialog.querySelectorAll("button:not([disabled])")].find(button => button.getAttribute("aria-label") === focused)?.focus();
  dialog.scrollTop = 0;
  dialog.dataset.trial = trials.hash[trial];
  dialog.onkeydown = null;
  const isWhole = () => dialog.dataset.shown = dialog.dataset.trial; // all of it is there, the curves too
  if (!isDone(trial)) return isWhole();
  const curve = await curveOf(trial);
  if (dialog.dataset.trial !== trials.hash[trial]) return; // another trial was opened meanwhile
  if (!curve) {
    plots.append(element("p", { class: "note" }, "This page has no curve of this trial."));
    return isWhole();
  }

  const at = curve.update;
  const events = [["first hit", trials.first_hit[trial]], ["three in a row", trials.sustained[trial]]].filter(event => event[1] !== null).map(([name, update]) => ({ name, at: update }));
  const where = element("p", { class: "note" }), moves = [];
  let now = at.length - 1;
  const point = (i, pointed) => {
    now = i;
    where.textContent = `${pointed ? "At" : "Values at the last check:"} update ${count(at[i])}${Number.isFinite(curve.seconds[i]) ? `, ${time(curve.seconds[i])}` : ""}`
      + `${pointed ? "" : `; ${at.length === 1 ? "1 check" : `${at.length} checks`} kept. Point at a curve, or use the arrow keys, to see others.`}`;
    for (const move of moves) move(i, pointed);
  };
  plots.before(where);
  dialog.onkeydown = event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) point(Math.min(at.length - 1, Math.max(0, now + by)), true);
  };
  drawToWidth(plots, width => {
    const gap = 16, columns = Math.max(1, Math.min(3, Math.floor((width + gap) / (300 + gap))));
    plots.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const drawn = plotsOf(curve).map(plot => curvePlot(Math.floor((width - (columns - 1) * gap) / columns), plot, at, events, point));
    moves.splice(0, moves.length, ...drawn.map(one => one.show));
    plots.replaceChildren(...drawn.map(one => one.figure));
    point(at.length - 1, false);
    isWhole();
  });
}
