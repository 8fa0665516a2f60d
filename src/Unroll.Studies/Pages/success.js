// The success rate against an option, or, for music and text, the cost of a fold: a panel for each value of one option, a line for each
// value or combination of others.

const FEW = 8, MOST_LINES = 24;
const success = { x: "", lines: "", panels: "", fold: "validation" };
const DATA = ["data", "ahead", "task"];

/** Options that may be axes: all that vary, except seeds and options that another option settles (an initialization its activation). */
const plain = study.varied.filter(one => one.axis);
const optionNamed = name => plain.find(one => one.option === name);

/** The combinations of some options' values among the trials, in their order: key, label. */
function combinations(options) {
  const found = new Map();
  for (let i = 0; i < trials.hash.length; i++) {
    const key = options.map(one => one.of[i]).join(",");
    if (!found.has(key)) found.set(key, options.map(one => `${options.length > 1 ? `${one.option}=` : ""}${choice(i, one.option) || "(default)"}`).join(" "));
  }

  return found;
}

function chooseAxes() {
  const numbers = plain.filter(one => isNumeric(one.values));
  const most = list => list.reduce((best, one) => !best || one.values.length > best.values.length ? one : best, undefined);
  // Costs of different data do not share an axis. An option that only some trials have would hide the other trials.
  const data = byCost ? DATA.map(optionNamed).find(one => one && one.values.length <= 6) : undefined;
  const everywhere = list => list.filter(one => one !== data && one.of.every(value => value >= 0));
  const x = byCost ? most(everywhere(numbers)) ?? most(everywhere(plain)) ?? most(plain.filter(one => one !== data))
    : numbers.find(one => one.option === "length") ?? most(numbers) ?? most(plain);
  const rest = plain.filter(one => one !== x);
  const panel = data ?? (rest.length < 2 ? undefined
    : rest.filter(one => one.option !== "method" && one.values.length <= 6).reduce((best, one) => !best || one.values.length < best.values.length ? one : best, undefined));
  const left = rest.filter(one => one !== panel);
  const line = left.find(one => one.option === "method") ?? left.find(one => one.values.length <= FEW);
  success.x = x?.option ?? "";
  success.panels = panel?.option ?? "";
  success.lines = left.length > 1 && combinations(left).size > FEW ? line?.option ?? "" : left.length > 0 ? "*" : "";
}

/** What is drawn: panels of lines of points, and the x axis. */
function countSuccess() {
  const x = optionNamed(success.x), panel = optionNamed(success.panels);
  const rest = plain.filter(one => one !== x && one !== panel);
  const lineOptions = success.lines === "*" ? rest : rest.filter(one => one.option === success.lines);
  const labels = [...combinations(lineOptions)].slice(0, MOST_LINES);
  const places = placesOf(x);
  const panels = panel ? panel.values.map((value, index) => ({ title: `${panel.option}=${value}`, index })) : [{ title: "", index: -1 }];
  const cells = new Map();
  for (let i = 0; i < trials.hash.length; i++) {
    if (!isDone(i)) continue;
    const place = places.of(i);
    if (place < 0) continue;
    const key = `${panel ? panel.of[i] : -1}|${lineOptions.map(one => one.of[i]).join(",")}|${place}`;
    const value = byCost ? foldCost(i, success.fold) : null;
    if (byCost && missing(value)) continue;
    const cell = cells.get(key) ?? cells.set(key, { runs: 0, solved: 0, costs: [] }).get(key);
    cell.runs++;
    if (isSolved(i)) cell.solved++;
    if (byCost) cell.costs.push(value);
  }

  return {
    places,
    lines: labels.map(([, label]) => label || "all trials"),
    pooled: rest.filter(one => !lineOptions.includes(one)).map(one => one.option),
    panels: panels.map(({ title, index }) => ({
      title,
      lines: labels.map(([key]) => places.list.flatMap((place, p) => {
        const cell = cells.get(`${index}|${key}|${p}`);
        return cell ? [{ ...place, ...cell, ...byCost ? costOf(cell.costs) : { value: cell.solved / cell.runs, span: study.intervals[`${cell.solved}/${cell.runs}`] } }] : [];
      })),
    })).filter(one => one.lines.some(line => line.length > 0)),
  };
}

/** The median of costs, and their range. */
function costOf(costs) {
  const sorted = [...costs].sort((a, b) => a - b), half = sorted.length >> 1;
  return { value: sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2, span: [sorted[0], sorted[sorted.length - 1]] };
}

/** The positions of an option's values on the axis. Many numbers, as random search draws them, are grouped in intervals. */
function placesOf(option) {
  if (!option) return { list: [{ at: 0, label: "all" }], of: () => 0, numeric: false, log: false, binned: false };
  if (!isNumeric(option.values)) {
    return { list: option.values.map((label, at) => ({ at, label })), of: i => option.of[i], numeric: false, log: false, binned: false };
  }

  const values = option.values.map(numeric), low = Math.min(...values), high = Math.max(...values);
  const log = low > 0 && high / low >= 4;
  if (!option.groups) {
    const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]), rank = order.map((_, i) => order.indexOf(i));
    return { list: order.map(i => ({ at: values[i], label: option.values[i] })), of: i => option.of[i] < 0 ? -1 : rank[option.of[i]], numeric: true, log, binned: false };
  }

  const { edges, at, of } = option.groups;
  return {
    list: at.map((place, i) => ({ at: place, label: `${number(edges[i])} to ${number(edges[i + 1])}` })),
    of: i => option.of[i] < 0 ? -1 : of[option.of[i]], numeric: true, log, binned: true,
  };
}

function drawSuccess(width) {
  const drawn = countSuccess(), { places } = drawn;
  const note = find("success-note"), legend = find("success-legend"), panels = find("success-panels");
  const what = byCost ? `Cost of the ${success.fold} fold, ${study.cost_unit}, of the best models by validation: medians of finished runs` : "Share of finished runs that met the success criterion at some check";
  const about = success.x ? `${what}, against ${success.x}${places.log ? " (log scale)" : ""}` : what;
  note.textContent = `${about}; bars ${byCost ? "show the range from least to greatest" : "are Wilson's 95% intervals"}.`
    + (places.binned ? ` Values of ${success.x} are grouped in ${places.list.length} intervals.` : "")
    + (drawn.pooled.length > 0 ? ` Pooled over ${drawn.pooled.join(", ")}.` : "");
  legend.replaceChildren(...drawn.lines.length < 2 ? [] : drawn.lines.map((label, s) => element("span", null, shape(
    "svg", { width: 34, height: 12 },
    shape("line", { class: `stroke s${s % 8}`, x1: 0, x2: 34, y1: 6, y2: 6, "stroke-width": 2, "stroke-dasharray": dashOf(s) }), markOf(s, 17, 6)), label)));
  if (drawn.panels.length === 0) {
    panels.replaceChildren(element("p", { class: "empty" }, "No trial is finished yet."));
    return;
  }

  const gap = 16, columns = Math.max(1, Math.min(drawn.panels.length, Math.floor((width + gap) / (280 + gap))));
  const each = Math.min(columns === 1 ? 860 : 600, Math.floor((width - (columns - 1) * gap) / columns));
  panels.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  panels.replaceChildren(...drawn.panels.map(panel => successPanel(panel, drawn, each)));
}

function successPanel(panel, drawn, width) {
  const height = Math.round(Math.min(340, Math.max(230, width * 0.55))), { places } = drawn;
  const at = places.list.map(place => place.at), low = Math.min(...at), high = Math.max(...at), inset = Math.min(40, 16 + 3 * drawn.lines.length);
  const from = MARGIN.left + inset, to = width - MARGIN.right - inset;
  const x = at.length === 1 ? () => (from + to) / 2 : scaleOf(low, high, from, to, places.log);
  const ends = panel.lines.flat().flatMap(point => point.span);
  const [bottom, top] = byCost ? withRoom(Math.min(...ends), Math.max(...ends), false) : [0, 1];
  const y = scaleOf(bottom, top, height - MARGIN.bottom - 6, MARGIN.top + 8, false);
  const yTicks = byCost ? ticksOf(bottom, top, false, 4).map(value => [value, short(value)]) : [0, 0.25, 0.5, 0.75, 1].map(value => [value, `${100 * value}%`]);
  const ticks = places.binned ? ticksOf(low, high, places.log, width / 80).map(value => [value, short(value)]) : places.list.map(place => [place.at, place.label]);
  const svg = frame(width, height, x, y, ticks, yTicks, {
    x: success.x || " ", y: byCost ? `${success.fold} cost` : "solved", title: `${byCost ? `Cost of the ${success.fold} fold` : "Success rate"} ${success.x ? `against ${success.x}` : ""} ${panel.title}; the table of cells has the numbers`,
  });
  const points = [];
  panel.lines.forEach((line, s) => {
    // Lines at 0% or 100% would hide each other, so each is moved aside a little.
    const aside = (s - (drawn.lines.length - 1) / 2) * Math.min(places.numeric ? 5 : 14, inset * 1.2 / drawn.lines.length);
    if (places.numeric) svg.append(shape("path", { class: `curve stroke s${s % 8}`, "stroke-dasharray": dashOf(s), d: pathOf(line.map(point => [x(point.at) + aside, y(point.value)])) }));
    for (const point of line) {
      const px = x(point.at) + aside, py = y(point.value);
      svg.append(shape("path", { class: `whisker s${s % 8}`, d: `M${px},${y(point.span[0])}V${y(point.span[1])}m-3,0h6M${px - 3},${y(point.span[0])}h6` }));
      const mark = markOf(s, px, py);
      if (byCost) mark.dataset.cost = cost(point.value);
      else {
        mark.dataset.solved = `${point.solved}/${point.runs}`;
        mark.dataset.interval = interval(point.span);
      }

      svg.append(mark);
      points.push({ px, py, mark, text: [
        drawn.lines.length > 1 ? drawn.lines[s] : "", panel.title, success.x ? `${success.x}=${point.label}` : "",
        ...byCost ? [`${success.fold} cost ${cost(point.value)}`, point.runs > 1 ? `${point.runs} runs, ${cost(point.span[0])} to ${cost(point.span[1])}` : "1 run"]
          : [`${point.solved} of ${point.runs} runs solved: ${percent(point.value)}`, `95% interval ${interval(point.span)}`],
      ].filter(text => text).join("\n") });
    }
  });
  svg.addEventListener("pointermove", event => pointAt(event, svg, points));
  svg.addEventListener("pointerdown", event => pointAt(event, svg, points));
  svg.addEventListener("pointerleave", () => pointAt(null, svg, points));
  return element("figure", null, panel.title ? element("figcaption", null, panel.title) : null, svg);
}

/** Shows the values of the point near the pointer. */
function pointAt(event, svg, points) {
  const tip = find("tip"), reach = 30;
  for (const point of points) point.mark.classList.remove("near");
  tip.hidden = true;
  if (!event || points.length === 0) return;
  const box = svg.getBoundingClientRect();
  const away = point => Math.hypot(point.px - (event.clientX - box.left), point.py - (event.clientY - box.top));
  const nearest = points.reduce((best, point) => away(point) < away(best) ? point : best);
  if (away(nearest) > reach) return;
  nearest.mark.classList.add("near");
  tip.textContent = nearest.text;
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const above = event.clientY - tip.offsetHeight - 12;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${above > 4 ? above : event.clientY + 16}px`;
}

function showSuccess() {
  chooseAxes();
  const panels = find("success-panels"), redraw = () => drawSuccess(panels.clientWidth);
  const pick = (title, key, extra) => {
    const select = element("select", { change: () => {
      success[key] = select.value;
      // An option has one role.
      for (const other of ["x", "lines", "panels"]) {
        if (key !== "fold" && other !== key && success[other] === success[key] && success[key] !== "*") success[other] = "";
      }

      for (const one of selects) one.select.value = success[one.key];
      redraw();
    } }, ...[...extra, ...(key === "fold" ? [] : plain).map(one => [one.option, one.option])].map(([value, text]) => element("option", { value }, text)));
    select.value = success[key];
    return { key, select, label: element("label", null, title, select) };
  };
  const selects = plain.length < 2 ? [] : [
    pick("x axis", "x", [["", "none"]]), pick("lines", "lines", [["*", "every combination"], ["", "none (pooled)"]]), pick("panels", "panels", [["", "none"]]),
  ];
  if (byCost) {
    find("success-heading").textContent = "Cost";
    selects.unshift(pick("fold", "fold", FOLDS.map(fold => [fold, fold])));
  }

  find("success-controls").replaceChildren(...selects.map(one => one.label));
  drawToWidth(panels, drawSuccess);
}
