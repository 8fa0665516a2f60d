// The page of a diagnosis: facts, advice, curves, and the heat map of temporal components.

const { diagnosis, verdict, units, state, words, notes, heat } = JSON.parse(find("diagnosis-data").textContent);

// Viridis: it keeps its order in grey, and with any common colour blindness.
const COLOURS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function colour(share) {
  const place = Math.min(Math.max(share, 0), 1) * (COLOURS.length - 1), i = Math.min(Math.floor(place), COLOURS.length - 2);
  return COLOURS[i].map((from, c) => Math.round(from + (place - i) * (COLOURS[i + 1][c] - from)));
}

const numbers = values => values.map(value => value ?? NaN);
const isFar = size => (size > 0 && size < 1e-3) || size >= 1e6;
const plain = value => missing(value) ? "-" : isFar(Math.abs(value)) ? value.toExponential(2) : number(value);

function writeHead() {
  const d = diagnosis;
  document.title = `${d.verdict}: ${d.model} - Unroll diagnosis`;
  find("name").textContent = d.model;
  find("description").textContent = [`${units} on ${d.task} ${d.length ?? ""}, ${d.batches} batches of ${d.batch} sequences, seed ${d.seed}`, ...notes].join(". ");
  find("verdict").textContent = verdict;
  find("verdict").classList.add(d.verdict);
  const spread = q => `${plain(q.median)} (${plain(q.lower)} to ${plain(q.upper)})`;
  const bounds = state === null ? [
    ["largest singular value", plain(d.largest_singular_value)], ["1 / gamma", plain(1 / d.gamma)], ["spectral radius", plain(d.spectral_radius)],
    ["predicted at most, a step", plain(d.eta)],
  ] : [
    ["bounds of section 2.1", "for one plain layer only"],
    ["ds(t) / ds(t−1): largest singular value along the sequences", spread(d.state_jacobian.largest_singular_value)],
    ["ds(t) / ds(t−1): spectral radius along the sequences", spread(d.state_jacobian.spectral_radius)],
    ["the same two at zero state and input", `${plain(d.largest_singular_value)}, ${plain(d.spectral_radius)}`],
  ];
  const facts = [
    ...bounds, ["measured, a step", plain(d.measured_rate)], ["saturated units", percent(d.saturated)],
    [`share of components at lags from ${d.long_term_from} on`, percent(d.long_term_share) || "-"], ["gradient norm, mean", plain(d.gradient_norm.mean)], ["gradient norm, median", plain(d.gradient_norm.median)],
    ["Omega", plain(d.omega)], ["largest Lyapunov exponent, a step", plain(d.lyapunov_exponent.median)],
    ["a step back scales the error by", plain(d.error_direction.ratio.median)], ["singular values below that", percent(d.error_direction.singular_values_below.median) || "-"],
    ["signal exactly 0 from lag", plain(d.zero_from)], ["must have vanished by lag", plain(d.vanished_by)], ["norm of Omega's gradient", plain(d.omega_gradient)],
    ["largest curvature", plain(d.curvature)], [`loss, ${d.loss_unit}`, plain(d.loss)], ["error", percent(d.error) || "-"],
  ];
  find("facts").append(...facts.map(([name, value]) => element("div", null, element("dt", null, name), element("dd", null, value))));
}

/** Gates, error signal and Omega of each layer, for networks other than one plain layer. */
function writeLayers() {
  find("layers-section").hidden = state === null;
  if (state === null) return;
  const gate = one => one.gate ? `${one.of} ${percent(one.low)} shut, ${percent(one.high)} open, mean ${plain(one.mean)}` : `${one.of} ${percent(one.low + one.high)} saturated`;
  const row = (layer, i) => element("tr", null, ...[
    layer.layer, words[i], plain(layer.by_lag.median[0] ?? NaN), plain(layer.measured_rate), plain(layer.omega), percent(layer.omega_kept),
  ].map(text => element("td", null, String(text))), element("td", { class: "wide" }, layer.saturation.map(gate).join("; ")));
  const headings = ["layer", "units", "error at the cost's step", "rate a step", "Omega", "kept", "activations"].map(name => element("th", { class: "plain" }, name));
  find("layers").append(element("div", { class: "scroll" }, element("table", null, element("thead", null, element("tr", null, ...headings)), element("tbody", null, ...diagnosis.layers.map(row)))));
}

function writeAdvice() {
  const row = one => element(
    "tr", { "data-about": one.about }, element("td", null, one.about), element("td", { class: "wide" }, one.text), element("td", { class: "wide" }, one.because), element("td", null, one.section), element("td", { class: "wide" }, [one.hurts, one.expect && `Expect ${one.expect}.`].filter(Boolean).join(". ")), element("td", { class: "wide" }, one.torch), element("td", { class: "wide" }, one.csharp));
  const headings = ["about", "advice", "because", "paper", "why it hurts, what to expect", "in PyTorch", "in C#"].map(name => element("th", { class: "plain" }, name));
  find("advice").append(element("div", { class: "scroll" }, element("table", null, element("thead", null, element("tr", null, ...headings)), element("tbody", null, ...diagnosis.advice.map(row)))));
}

function drawCurves(width) {
  const d = diagnosis, from = (length, first) => Array.from({ length }, (_, i) => first + i);
  const spread = curve => [{ name: "median", values: numbers(curve.median) }, { name: "first decile", values: numbers(curve.lower) }, { name: "ninth decile", values: numbers(curve.upper) }];
  const of = state === null ? "x" : "s";
  const plots = [
    [from(d.by_lag.median.length, 0), { title: `‖dEt/d${of}(t−lag)‖`, x: "lag t − k", name: "lag", unit: "norm", log: true, series: spread(d.by_lag), text: plain }],
    [from(d.by_step.median.length, 1), { title: `‖dE/d${of}k‖ of the whole cost`, x: "step k", name: "step", unit: "norm", log: true, series: spread(d.by_step), text: plain }],
    [from(d.omega_by_step.ratio.length, 0), { title: "Norm ratio of the signal from step k + 1 to k", x: "step k", name: "step", unit: "ratio", log: false, reference: 1, series: [{ name: "ratio", values: numbers(d.omega_by_step.ratio) }], text: plain }],
    [from(d.omega_by_step.term.length, 0), { title: "Omega's term", x: "step k", name: "step", unit: "term", log: false, low: 0, series: [{ name: "term", values: numbers(d.omega_by_step.term) }], text: plain }],
    [from(d.gradient_norms.length, 1), { title: "Gradient norm", x: "batch", name: "batch", unit: "norm", series: [{ name: "norm", values: numbers(d.gradient_norms) }], text: plain, reference: d.clip_threshold ?? undefined }],
  ];
  if (d.layers?.length > 1) {
    const series = d.layers.map(layer => ({ name: `layer ${layer.layer}`, values: numbers(layer.by_lag.median) }));
    plots.splice(1, 0, [from(d.by_lag.median.length, 0), { title: "‖dEt/ds(t−lag)‖ by layer, medians", x: "lag t − k", name: "lag", unit: "norm", log: true, series, text: plain }]);
  }

  find("curves").replaceChildren(...plots.map(([at, plot]) => {
    const { figure, show } = curvePlot(width, plot, at, [], (i, pointed) => show(i, pointed));
    show(at.length - 1, false);
    return figure;
  }));
}

/** The heat map: a canvas with a pixel for each cell under an SVG frame. */
function drawHeat(width) {
  const host = find("heat"), rows = heat.rows.length, columns = heat.values.reduce((most, row) => Math.max(most, row.length), 0);
  const positive = heat.values.flat().filter(value => value > 0);
  if (rows === 0 || positive.length === 0) {
    host.replaceChildren(element("p", { class: "empty" }, "No component is above zero."));
    return;
  }

  const high = Math.log10(positive.reduce((most, value) => Math.max(most, value))), low = Math.max(Math.log10(positive.reduce((least, value) => Math.min(least, value))), high - 12);
  const height = Math.min(Math.max(rows * 6, 180), 480) + MARGIN.top + MARGIN.bottom;
  const steps = columns * heat.bin, x = scaleOf(0.5, steps + 0.5, MARGIN.left, width - MARGIN.right), y = scaleOf(-0.5, rows - 0.5, height - MARGIN.bottom, MARGIN.top);
  const canvas = element("canvas", { width: columns, height: rows, "data-cells": positive.length });
  Object.assign(canvas.style, { left: `${MARGIN.left}px`, top: `${MARGIN.top}px`, width: `${width - MARGIN.left - MARGIN.right}px`, height: `${height - MARGIN.top - MARGIN.bottom}px` });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  heat.values.forEach((row, r) => row.forEach((value, c) => {
    if (!(value > 0)) return;
    const at = 4 * ((rows - 1 - r) * columns + c);
    image.data.set([...colour((Math.log10(value) - low) / (high - low || 1)), 255], at);
  }));
  context.putImageData(image, 0, 0);

  const wanted = Math.max(2, Math.round(height / 60));
  const rowTicks = ticksOf(0, rows - 1, false, wanted).filter(Number.isInteger).map(r => [r, String(heat.rows[r])]);
  const svg = frame(width, height, x, y, ticksOf(1, steps, false, width / 90).map(value => [value, short(value)]), rowTicks, { x: "step k", y: heat.label, title: "Norms of temporal components" });
  const tip = find("tip");
  const point = event => {
    const box = svg.getBoundingClientRect();
    const c = Math.floor((event.clientX - box.left - MARGIN.left) / (width - MARGIN.left - MARGIN.right) * columns);
    const r = rows - 1 - Math.floor((event.clientY - box.top - MARGIN.top) / (height - MARGIN.top - MARGIN.bottom) * rows);
    const value = heat.values[r]?.[c];
    tip.hidden = !(value >= 0);
    if (tip.hidden) return;
    const first = 1 + c * heat.bin, last = Math.min(first + heat.bin - 1, heat.rows[r]);
    tip.textContent = `t ${heat.rows[r]}, k ${first}${last > first ? `..${last}` : ""}, lag ${heat.rows[r] - last}: ${plain(value)}`;
    tip.style.left = `${Math.min(event.clientX + 12, window.innerWidth - 240)}px`;
    tip.style.top = `${event.clientY + 12}px`;
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", () => tip.hidden = true);
  host.replaceChildren(canvas, svg);

  const bar = element("canvas", { width: 128, height: 1 }), strip = bar.getContext("2d");
  for (let i = 0; i < 128; i++) {
    strip.fillStyle = `rgb(${colour(i / 127).join(",")})`;
    strip.fillRect(i, 0, 1, 1);
  }

  find("heat-scale").replaceChildren(short(Number((10 ** low).toPrecision(2))), bar, short(Number((10 ** high).toPrecision(2))), " norm (log)");
}

writeHead();
writeAdvice();
writeLayers();
find("curves-note").textContent = "The median over the sequences, with the first and ninth decile. Move the pointer over a curve to read its values. An error signal that keeps its norm has the ratio 1, which Omega asks for."
  + (state === null ? "" : ` Here ${state.slice(0, 1)} is ${state.slice(2)}.`)
  + (missing(diagnosis.zero_from) ? "" : ` From lag ${diagnosis.zero_from} on the median sequence's signal is exactly 0, which a logarithmic axis cannot show.`);
find("heat-note").textContent = heat.note;
drawToWidth(find("curves"), drawCurves);
drawToWidth(find("heat"), drawHeat);
page.dataset.ready = "true";
