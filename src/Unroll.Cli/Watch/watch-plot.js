// Curves of several runs over their updates, with a zoom and a cursor that all plots share.

const view = { from: null, to: null, cursor: null };
const MOST_POINTS = 20000; // of a curve in memory

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The first place in ascending values whose value is at least the one wanted. */
function placeOf(values, wanted) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }

  return low;
}

/** The place of the nearest of ascending values; -1 for none. */
function nearest(values, wanted) {
  const after = placeOf(values, wanted);
  if (after === 0) return values.length > 0 ? 0 : -1;
  return after === values.length || wanted - values[after - 1] <= values[after] - wanted ? after - 1 : after;
}

/**
 * Of the points from a place to before another, those that a drawing needs: of as many equal parts as fit each its least and its
 * greatest value, and the first and the last point.
 */
function thin(values, from, end, most) {
  const all = [];
  for (let i = from; i < end; i++) {
    if (Number.isFinite(values[i])) all.push(i);
  }

  if (all.length <= most) return all;
  const parts = Math.max(1, (most - 2) >> 1), kept = [all[0]], inner = all.length - 2;
  for (let part = 0; part < parts; part++) {
    const start = 1 + Math.floor(inner * part / parts), stop = 1 + Math.floor(inner * (part + 1) / parts);
    let least = start, greatest = start;
    for (let i = start + 1; i < stop; i++) {
      if (values[all[i]] < values[all[least]]) least = i;
      if (values[all[i]] > values[all[greatest]]) greatest = i;
    }

    kept.push(all[Math.min(least, greatest)]);
    if (least !== greatest) kept.push(all[Math.max(least, greatest)]);
  }

  kept.push(all[all.length - 1]);
  return kept;
}

/** Adds a point to a curve [updates, values], which stays short enough for memory. */
function addPoint(curve, update, value) {
  const [at, values] = curve;
  while (at.length > 0 && at[at.length - 1] >= update) {
    at.pop();
    values.pop();
  }

  at.push(update);
  values.push(value);
  if (at.length <= MOST_POINTS) return;
  const kept = thin(values, 0, values.length, MOST_POINTS / 2);
  curve[0] = kept.map(i => at[i]);
  curve[1] = kept.map(i => values[i]);
}

/** The least value so far at each point where it changes, and at the last point. */
function leastSoFar([at, values]) {
  const places = [], least = [];
  for (let i = 0; i < at.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const now = least.length > 0 ? Math.min(least[least.length - 1], values[i]) : values[i];
    if (least.length > 0 && now < least[least.length - 1]) {
      places.push(at[i]);
      least.push(least[least.length - 1]); // a step, not a slope
    }

    places.push(at[i]);
    least.push(now);
  }

  return [places, least];
}

/** How a series looks: with several runs a run has a colour and a quantity a dash, with one run a quantity has both. */
const styleOf = (run, quantity) => runs.length > 1
  ? { colour: run % 8, dash: ["", "5 3", "2 3", "8 3 2 3"][quantity % 4] }
  : { colour: quantity, dash: ["", "5 3", "2 3", "8 3 2 3"][quantity % 4] };

const keyOf = style => shape("svg", { width: 18, height: 10 }, shape(
  "line", {
    class: `stroke s${style.colour}`, x1: 0, x2: 18, y1: 5, y2: 5, "stroke-width": 2, "stroke-dasharray": style.dash || null }));

/** A plot of one or more quantities of all runs: { figure, draw(width), show() }. */
function sharedPlot(plot, seriesOf, onZoom, onCursor) {
  const now = element("span", { class: "now" }), title = element("span");
  const figure = element(
    "figure", { tabindex: 0, role: "group", "aria-label": plot.title, "data-plot": plot.id },
    element("figcaption", null, title, now));
  const parts = { series: [], x: null, y: null, svg: null };

  function draw(width) {
    const height = clamp(Math.round(width * 0.45), 190, 420), { from, to } = rangeOf();
    const most = Math.max(50, Math.round(width));
    parts.series = seriesOf().map(series => {
      const [at, values] = series.curve;
      const first = Math.max(0, placeOf(at, from) - 1), end = Math.min(at.length, placeOf(at, to) + 1);
      return { ...series, at, values, kept: thin(values, first, end, most) };
    });
    let low = Infinity, high = -Infinity, least = Infinity;
    for (const { at, values, kept } of parts.series) {
      for (const i of kept) {
        if ((at[i] < from || at[i] > to) && kept.length > 2) continue;
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
        if (values[i] > 0) least = Math.min(least, values[i]);
      }
    }

    parts.svg?.remove();
    parts.svg = null;
    figure.dataset.points = parts.series.reduce((sum, one) => sum + one.kept.length, 0);
    if (low > high) {
      title.textContent = plot.title;
      return;
    }

    const log = least < Infinity && (plot.log ?? (low > 0 && high / low > 100));
    if (log) low = Math.max(least, high * 1e-12);
    else if (plot.low !== undefined) low = Math.min(low, plot.low);
    const floor = !log && plot.low !== undefined && low >= plot.low ? plot.low : undefined;
    [low, high] = withRoom(low, Math.max(low, high), log, floor);
    title.textContent = plot.title + (log ? " (log)" : "");
    const x = scaleOf(from, to, MARGIN.left, width - MARGIN.right, false);
    const y = scaleOf(low, high, height - MARGIN.bottom, MARGIN.top, log);
    const text = plot.percent ? value => `${number(100 * value)}%` : short;
    const svg = frame(
      width, height, x, y, ticksOf(from, to, false, width / 90).map(value => [value, short(value)]),
      ticksOf(low, high, log, 4).map(value => [value, text(value)]),
      { x: "updates", y: plot.unit ?? plot.title, title: plot.title });
    const clip = `clip-${plot.id}`;
    svg.append(shape("clipPath", { id: clip }, shape("rect", {
      x: MARGIN.left, y: 0, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.bottom + 2 })));
    if (plot.reference > low && plot.reference < high) {
      svg.append(shape("line", { class: "reference", x1: x(from), x2: x(to), y1: y(plot.reference), y2: y(plot.reference) }));
    }

    for (const { at, values, kept, style, name } of parts.series) {
      const points = kept.map(i => [x(at[i]), log && values[i] <= 0 ? NaN : y(values[i])]);
      svg.append(shape("path", {
        class: `curve stroke s${style.colour}`, d: pathOf(points), "stroke-dasharray": style.dash || null, "data-series": name,
        "clip-path": `url(#${clip})` }));
      if (points.length > 1) continue;
      svg.append(...points.map(([cx, cy]) => shape("circle", { class: `mark s${style.colour}`, cx, cy, r: 3 })));
    }

    parts.cursor = shape("line", { class: "cursor", y1: MARGIN.top, y2: height - MARGIN.bottom, visibility: "hidden" });
    parts.choice = shape("rect", {
      class: "choice", y: MARGIN.top, height: height - MARGIN.top - MARGIN.bottom, visibility: "hidden" });
    parts.dots = parts.series.map(({ style }) => shape("circle", { class: `mark s${style.colour}`, r: 4, visibility: "hidden" }));
    svg.append(parts.choice, parts.cursor, ...parts.dots);
    Object.assign(parts, { x, y, log, svg });
    listen(svg);
    figure.append(svg);
    show();
  }

  function show() {
    if (!parts.svg) return;
    const { x, y, log, series } = parts, pointed = view.cursor !== null;
    parts.cursor.setAttribute("visibility", pointed ? "visible" : "hidden");
    const texts = [];
    let shownAt = null;
    series.forEach(({ at, values, style, name }, s) => {
      const i = pointed ? nearest(at, view.cursor) : at.length - 1, value = values[i];
      const seen = pointed && i >= 0 && Number.isFinite(value) && !(log && value <= 0) && at[i] >= x.low && at[i] <= x.high;
      parts.dots[s].setAttribute("visibility", seen ? "visible" : "hidden");
      if (seen) {
        parts.dots[s].setAttribute("cx", x(at[i]));
        parts.dots[s].setAttribute("cy", y(value));
      }

      if (i >= 0) shownAt ??= at[i];
      const text = i < 0 || missing(value) ? "-" : plot.percent ? percent(value) : number(value);
      texts.push(texts.length > 0 ? "   " : "", keyOf(style), ` ${name} `, element("b", null, text));
    });
    if (pointed && shownAt !== null) {
      parts.cursor.setAttribute("x1", x(clamp(shownAt, x.low, x.high)));
      parts.cursor.setAttribute("x2", x(clamp(shownAt, x.low, x.high)));
      texts.unshift(`update ${count(shownAt)}: `);
    }

    now.replaceChildren(...texts);
  }

  function listen(svg) {
    let start = null;
    const at = event => event.clientX - svg.getBoundingClientRect().left;
    const valueAt = place => {
      const { x } = parts, share = (place - MARGIN.left) / (x(x.high) - MARGIN.left || 1);
      return x.low + clamp(share, 0, 1) * (x.high - x.low);
    };
    svg.addEventListener("pointermove", event => {
      onCursor(valueAt(at(event)));
      if (start === null) return;
      const place = at(event);
      parts.choice.setAttribute("visibility", "visible");
      parts.choice.setAttribute("x", Math.max(MARGIN.left, Math.min(start, place)));
      parts.choice.setAttribute("width", Math.abs(place - start));
    });
    svg.addEventListener("pointerdown", event => {
      if (event.button !== 0) return;
      start = at(event);
      onCursor(valueAt(start));
      if (event.isTrusted) svg.setPointerCapture(event.pointerId);
    });
    const end = (event, zooms) => {
      if (start === null) return;
      const place = at(event), from = valueAt(Math.min(start, place)), to = valueAt(Math.max(start, place));
      parts.choice.setAttribute("visibility", "hidden");
      const far = Math.abs(place - start) > 6;
      start = null;
      if (zooms && far) onZoom(from, to);
    };
    svg.addEventListener("pointerup", event => end(event, true));
    svg.addEventListener("pointercancel", event => end(event, false));
    svg.addEventListener("pointerleave", () => start === null && onCursor(null));
    svg.addEventListener("dblclick", () => onZoom(null, null));
  }

  return { figure, draw, show, places: () => parts.series[0]?.at ?? [] };
}
