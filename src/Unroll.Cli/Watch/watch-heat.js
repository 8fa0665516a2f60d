// The heat map of the error signal by lag over the updates.

// Viridis: it keeps its order in grey, and with any common colour blindness.
const COLOURS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const LEAST_SHARE = -9; // powers of ten below lag 0 that still have a colour of their own

function colour(share) {
  const place = clamp(share, 0, 1) * (COLOURS.length - 1), i = Math.min(Math.floor(place), COLOURS.length - 2);
  return COLOURS[i].map((from, c) => Math.round(from + (place - i) * (COLOURS[i + 1][c] - from)));
}

let heatRun = 0;

const measured = run => run.moments.filter(moment => moment.lags.length > 1);

/** The signal at a lag relative to that at lag 0, as a power of ten. */
const relative = (moment, i) => moment.lags[i] === null || moment.lags[0] === null ? NaN : moment.lags[i] - moment.lags[0];

function chooseHeat(redraw) {
  const some = runs.map((run, i) => i).filter(i => measured(runs[i]).length > 0);
  find("heat-section").dataset.moments = some.reduce((sum, i) => sum + measured(runs[i]).length, 0);
  if (!some.includes(heatRun)) heatRun = some[0] ?? 0;
  find("heat-note").textContent = some.length === 0
    ? "Not recorded: a run records it where it is made with --live."
    : "The median over sequences of the error's gradient with respect to the state so many steps back, relative to lag 0, on one "
      + "batch a recording. Dark is vanished; above 1 it grows on its way back.";
  find("heat-choice").replaceChildren(...some.length < 2 ? [] : [element("label", null, "run", element(
    "select", { change: event => { heatRun = Number(event.target.value); redraw(); } },
    ...some.map(i => element("option", { value: i, selected: i === heatRun }, runs[i].name))))]);
}

function drawHeat(width) {
  const host = find("heat"), moments = runs.length > 0 ? measured(runs[heatRun]) : [];
  if (moments.length === 0) {
    host.replaceChildren();
    find("heat-scale").replaceChildren();
    return;
  }

  const { from, to } = rangeOf(), lags = Math.max(...moments.map(moment => moment.lags.length * moment.bin));
  const height = 240 + MARGIN.bottom, across = Math.max(1, Math.floor(width - MARGIN.left - MARGIN.right));
  const x = scaleOf(from, to, MARGIN.left, width - MARGIN.right), y = scaleOf(0, lags, height - MARGIN.bottom, MARGIN.top);
  const down = clamp(lags, 1, 240), at = moments.map(moment => moment.update);
  let high = 0, low = -1;
  for (const moment of moments) {
    for (let i = 0; i < moment.lags.length; i++) {
      const value = relative(moment, i);
      if (value > high) high = value;
      if (value < low) low = value;
    }
  }

  [low, high] = [Math.max(low, LEAST_SHARE), Math.min(high, -LEAST_SHARE)];
  const canvas = element("canvas", { width: across, height: down, "data-columns": moments.length });
  Object.assign(canvas.style, {
    left: `${MARGIN.left}px`, top: `${MARGIN.top}px`, width: `${across}px`, height: `${height - MARGIN.top - MARGIN.bottom}px` });
  const context = canvas.getContext("2d"), image = context.createImageData(across, down);
  const momentAt = update => {
    const after = placeOf(at, update);
    return after < at.length && at[after] === update ? after : after - 1;
  };
  for (let c = 0; c < across; c++) {
    // The recording that was the last one there; the first one also stands for what is before it.
    const m = Math.max(0, momentAt(from + (c + 0.5) / across * (to - from))), moment = moments[m];
    for (let r = 0; r < down; r++) {
      const i = Math.floor((down - 1 - r + 0.5) / down * lags / moment.bin);
      const value = i < moment.lags.length ? relative(moment, i) : NaN;
      if (Number.isNaN(value)) continue;
      image.data.set([...colour((value - low) / (high - low || 1)), 255], 4 * (r * across + c));
    }
  }

  context.putImageData(image, 0, 0);
  const svg = frame(
    width, height, x, y, ticksOf(from, to, false, width / 90).map(value => [value, short(value)]),
    ticksOf(0, lags, false, 5).map(value => [value, short(value)]),
    { x: "updates", y: "lag", title: "Error signal by lag over the updates" });
  const tip = find("tip");
  const point = event => {
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) / across;
    const depth = 1 - (event.clientY - box.top - MARGIN.top) / (height - MARGIN.top - MARGIN.bottom);
    const moment = moments[Math.max(0, momentAt(from + share * (to - from)))], i = Math.floor(depth * lags / moment.bin);
    const value = i >= 0 && i < moment.lags.length && share >= 0 && share <= 1 ? relative(moment, i) : NaN;
    tip.hidden = Number.isNaN(value);
    if (tip.hidden) return;
    const first = i * moment.bin, last = first + moment.bin - 1;
    const lag = last > first ? `${first}..${last}` : first;
    tip.textContent = `update ${count(moment.update)}, lag ${lag}: ${(10 ** value).toPrecision(3)} of lag 0`;
    tip.style.left = `${Math.max(0, Math.min(event.clientX + 12, window.innerWidth - 260))}px`;
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

  const most = number(Number((10 ** high).toPrecision(2)));
  find("heat-scale").replaceChildren((10 ** low).toPrecision(1), bar, most, " of lag 0 (log)");
}
