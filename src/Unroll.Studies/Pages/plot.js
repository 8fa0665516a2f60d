// Axes and curves, as SVG.

const MARGIN = { left: 52, right: 12, top: 8, bottom: 34 };

/** Maps values to pixels. */
function scaleOf(low, high, from, to, log) {
  const map = log ? Math.log10 : value => value;
  const start = map(low), span = map(high) - start || 1;
  const scale = value => from + (map(value) - start) / span * (to - from);
  return Object.assign(scale, { low, high, log });
}

/** About this many round values between two limits. */
function ticksOf(low, high, log, wanted) {
  if (log) {
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    if (last - first >= 1) {
      const step = Math.ceil((last - first + 1) / wanted);
      return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => Number(`1e${first + i * step}`));
    }

    const decade = 10 ** (first - 1);
    const within = [1, 2, 5, 10, 20, 50].map(factor => Number((factor * decade).toPrecision(3))).filter(value => value >= low * 0.999 && value <= high * 1.001);
    if (within.length >= 2) return within;
  }

  const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** A number as short as an axis needs it. */
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-3)) return value.toExponential().replace(/\.?0*e\+?/, "e");
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(Number(value.toPrecision(4)));
}

/** An empty plot: grid, axes, labels. Ticks are [value, text]. */
function frame(width, height, x, y, xTicks, yTicks, labels) {
  const left = MARGIN.left, right = width - MARGIN.right, top = MARGIN.top, bottom = height - MARGIN.bottom;
  const svg = shape("svg", { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": labels.title });
  for (const [value, text] of yTicks) {
    const at = y(value);
    svg.append(
      shape("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }),
      shape("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, text));
  }

  let free = -Infinity;
  for (const [value, text] of xTicks) {
    const at = x(value), half = text.length * 3.2;
    svg.append(shape("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }));
    if (at - half < free) continue;
    free = at + half + 6;
    const anchor = at + half > width ? "end" : "middle";
    svg.append(shape("text", { x: anchor === "end" ? width - 1 : at, y: bottom + 16, "text-anchor": anchor }, text));
  }

  svg.append(
    shape("path", { class: "axis", d: `M${left},${top}V${bottom}H${right}` }),
    shape("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, labels.x),
    shape("text", { transform: `translate(11,${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, labels.y));
  return svg;
}

/** A path through points; it breaks where a value is missing or not finite. */
function pathOf(points) {
  let path = "", pen = false;
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      pen = false;
      continue;
    }

    path += `${pen ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`;
    pen = true;
  }

  return path;
}

const SHAPES = [
  (x, y) => `M${x - 4},${y}a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z`,
  (x, y) => `M${x - 3.6},${y - 3.6}h7.2v7.2h-7.2Z`,
  (x, y) => `M${x},${y - 4.8}l4.6,8.2h-9.2Z`,
  (x, y) => `M${x},${y - 5}l5,5l-5,5l-5,-5Z`,
  (x, y) => `M${x},${y + 4.8}l4.6,-8.2h-9.2Z`,
];
const SPARSE = 25; // up to this many checks, each has a dot
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

/** The mark of a series: its shape tells series apart where colours do not. */
const markOf = (series, x, y) => shape("path", { class: `mark s${series % 8}`, d: SHAPES[series % SHAPES.length](x, y) });

const dashOf = series => DASHES[Math.floor(series / 2) % DASHES.length];

/** A range with a margin, so that no curve runs along the edge. With a floor, the range begins there. */
function withRoom(low, high, log, floor) {
  if (log) {
    const factor = high > low ? (high / low) ** 0.04 : 2;
    return [low / factor, high * factor];
  }

  const room = high > low ? 0.06 * (high - low) : Math.abs(high) / 2 || 1;
  return [floor ?? low - room, high + room];
}

/**
 * One quantity over the updates. Returns the figure and a function that puts the cursor on a check.
 * plot: title, x (the label of the x axis, by default updates), name (of one value of x), series [{ name, values }], log (true, false, or
 * undefined to let the range decide), text, reference, low.
 */
function curvePlot(width, plot, at, events, onPoint) {
  const height = 190, all = plot.series.flatMap(series => [...series.values]).filter(Number.isFinite);
  const positive = all.filter(value => value > 0);
  let low = Math.min(...all, plot.low ?? Infinity), high = Math.max(...all);
  const log = positive.length > 1 && (plot.log ?? (positive.length === all.length && high / low > 100));
  if (log) low = Math.min(...positive);
  [low, high] = withRoom(low, high, log, plot.low);

  const now = element("span", { class: "now" });
  const figure = element("figure", null, element("figcaption", null, element("span", null, plot.title + (log ? " (log)" : "")), now));
  if (all.length === 0) {
    figure.append(element("p", { class: "empty" }, "not measured"));
    return { figure, show: () => {} };
  }

  const last = at[at.length - 1], first = last > 0 ? 0 : last - 1;
  const x = scaleOf(first, last, MARGIN.left, width - MARGIN.right, false);
  const y = scaleOf(low, high, height - MARGIN.bottom, MARGIN.top, log);
  const svg = frame(
    width, height, x, y, ticksOf(first, last, false, width / 90).map(value => [value, short(value)]),
    ticksOf(low, high, log, 4).map(value => [value, plot.tick ? plot.tick(value) : short(value)]), { x: plot.x ?? "updates", y: plot.unit ?? plot.title, title: `${plot.title} over ${plot.x ?? "updates"}` });
  const inside = value => value >= low && value <= high;
  if (plot.reference !== undefined && inside(plot.reference)) svg.append(shape("line", { class: "reference", x1: x(first), x2: x(last), y1: y(plot.reference), y2: y(plot.reference) }));
  for (const event of events) {
    if (event.at < first || event.at > last) continue;
    svg.append(shape("line", { class: "event", x1: x(event.at), x2: x(event.at), y1: y(low), y2: y(high) }, shape("title", null, event.name)));
  }

  const cursor = shape("line", { class: "cursor", y1: y(low), y2: y(high), visibility: "hidden" });
  const dots = plot.series.map((_, s) => shape("circle", { class: `mark s${s}`, r: 4, visibility: "hidden" }));
  plot.series.forEach((series, s) => {
    const points = Array.from(series.values, (value, i) => [x(at[i]), log && value <= 0 ? NaN : y(value)]);
    svg.append(shape("path", { class: `curve stroke s${s}`, d: pathOf(points), "stroke-dasharray": s > 0 ? "5 3" : null, "data-series": series.name }));
    const drawn = points.filter(([, py]) => Number.isFinite(py));
    if (drawn.length <= SPARSE) svg.append(...drawn.map(([px, py]) => shape("circle", { class: `mark s${s}`, cx: px, cy: py, r: 3 })));
  });
  svg.append(cursor, ...dots);

  function show(i, pointed) {
    cursor.setAttribute("x1", x(at[i]));
    cursor.setAttribute("x2", x(at[i]));
    cursor.setAttribute("visibility", pointed ? "visible" : "hidden");
    now.replaceChildren(plot.name ? `${plot.name} ${at[i]}: ` : "", ...plot.series.flatMap((series, s) => {
      const value = series.values[i], seen = pointed && Number.isFinite(value) && !(log && value <= 0);
      dots[s].setAttribute("visibility", seen ? "visible" : "hidden");
      if (seen) {
        dots[s].setAttribute("cx", x(at[i]));
        dots[s].setAttribute("cy", y(value));
      }

      const text = missing(value) ? "-" : plot.text ? plot.text(value) : number(value);
      return plot.series.length > 1
        ? [s > 0 ? "   " : "", legendKey(s), ` ${series.name} `, element("b", null, text)]
        : [element("b", null, text)];
    }));
  }

  const point = event => {
    const place = event.clientX - svg.getBoundingClientRect().left;
    let nearest = 0;
    for (let i = 1; i < at.length; i++) {
      if (Math.abs(x(at[i]) - place) < Math.abs(x(at[nearest]) - place)) nearest = i;
    }

    onPoint(nearest, true);
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", () => onPoint(at.length - 1, false));
  figure.append(svg);
  return { figure, show };
}

/** A short line in a series' colour. */
const legendKey = series => shape(
  "svg", { width: 18, height: 10 }, shape("line", { class: `stroke s${series}`, x1: 0, x2: 18, y1: 5, y2: 5, "stroke-width": 2, "stroke-dasharray": series > 0 ? "5 3" : null }));
