// Tables that can be sorted by their headings and show some hundred rows at a time, and the two tables of the page.

const ROWS = 200;

/**
 * A table of rows. columns: title, value (to sort by), text, and optionally number, style, node, help.
 * open: what happens when a row is clicked, or Enter is pressed on it.
 */
function makeTable(host, label, columns, open) {
  let rows = [], sorted = [], shown = 0, sort = null;
  const body = element("tbody");
  const headings = columns.map((column, c) => element(
    "th", { scope: "col", class: column.number ? "number" : null, title: column.help },
    element("button", { type: "button", click: () => sortBy(c) }, column.title)));
  const more = element("button", { type: "button", class: "more", click: () => addRows() });
  const empty = element("p", { class: "empty" }, "Nothing to show.");
  const frameOf = element(
    "div", { class: "scroll", role: "region", "aria-label": label, tabindex: "-1" },
    element("table", null, element("thead", null, element("tr", null, ...headings)), body));
  host.replaceChildren(frameOf, empty, more);

  function sortBy(c) {
    sort = sort?.column !== c ? { column: c, order: "ascending" } : sort.order === "ascending" ? { column: c, order: "descending" } : null;
    headings.forEach((heading, i) => i === sort?.column ? heading.setAttribute("aria-sort", sort.order) : heading.removeAttribute("aria-sort"));
    show();
  }

  function order() {
    if (!sort) return rows;
    const { value } = columns[sort.column], sign = sort.order === "ascending" ? 1 : -1;
    return rows.map(row => ({ row, key: value(row) })).sort((a, b) => {
      // Missing values come last in either direction.
      if (missing(a.key) || missing(b.key)) return missing(a.key) - missing(b.key);
      return sign * (typeof a.key === "string" || typeof b.key === "string" ? String(a.key).localeCompare(String(b.key), "en", { numeric: true }) : a.key - b.key);
    }).map(one => one.row);
  }

  function addRows() {
    const next = sorted.slice(shown, shown + ROWS);
    body.append(...next.map((row, i) => element(
      "tr", { tabindex: shown + i === 0 ? "0" : "-1", "data-row": shown + i },
      ...columns.map(column => {
        const cell = element("td", { class: [column.number ? "number" : "", column.style?.(row) ?? ""].join(" ").trim() || null }, column.text(row));
        const node = column.node?.(row);
        if (node) cell.append(node);
        return cell;
      }))));
    shown += next.length;
    more.hidden = shown >= sorted.length;
    more.textContent = `Show ${Math.min(ROWS, sorted.length - shown)} more of ${count(sorted.length - shown)}`;
  }

  function show() {
    sorted = order();
    shown = 0;
    body.replaceChildren();
    frameOf.scrollTop = 0;
    empty.hidden = sorted.length > 0;
    frameOf.hidden = sorted.length === 0;
    addRows();
  }

  const rowOf = event => event.target.closest("tr[data-row]");
  body.addEventListener("click", event => {
    const row = rowOf(event);
    if (row && !window.getSelection()?.toString()) open(sorted[row.dataset.row]);
  });
  body.addEventListener("keydown", event => {
    const row = rowOf(event), step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!row || (!step && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (step) row[step]?.focus();
    else open(sorted[row.dataset.row]);
  });
  body.addEventListener("focusin", event => {
    // One row can be reached by the Tab key; the arrow keys lead to the others.
    for (const row of body.querySelectorAll("tr[tabindex='0']")) row.tabIndex = -1;
    rowOf(event).tabIndex = 0;
  });

  return {
    set: list => {
      rows = list;
      show();
    },
    get rows() {
      return sorted;
    },
  };
}

const optionColumn = (title, text, values) => {
  const numbers = isNumeric(values);
  return { title, number: numbers, text, value: row => text(row) === "" ? null : numbers ? numeric(text(row)) : text(row) };
};
const numberColumn = (title, value, text, help) => ({ title, number: true, value, text: row => text(value(row)), help });

/** A cell's interval as a bar from 0 to 1. */
function intervalBar(cell) {
  if (cell.runs === 0) return null;
  const width = 70, at = share => share * width;
  return shape(
    "svg", { width: width + 8, height: 14, "aria-hidden": "true" },
    shape("line", { x1: 4, x2: width + 4, y1: 7, y2: 7, stroke: "var(--line)", "stroke-width": 6 }),
    shape("line", { class: "s0 stroke", x1: at(cell.low) + 4, x2: at(cell.high) + 4, y1: 7, y2: 7, "stroke-width": 6, opacity: 0.45 }),
    shape("circle", { class: "s0 mark", cx: at(cell.solved / cell.runs) + 4, cy: 7, r: 4 }));
}

/** The columns of music and text besides the options. */
const costColumns = () => [
  { title: "runs", number: true, value: cell => cell.runs, text: cell => cell.runs < cell.trials ? `${cell.runs} of ${cell.trials}` : String(cell.runs), help: "Finished runs" },
  ...FOLDS.map((fold, f) => numberColumn(fold, cell => cell.costs[f], cost, `Median cost of the ${fold} fold, ${study.cost_unit}`)),
  numberColumn("updates", cell => cell.updates, updates, "Median updates made"),
  numberColumn("seconds", cell => cell.seconds, number, "Median seconds of training"),
];

function showCells(open) {
  if (byCost) find("cells-note").textContent = `Medians over the finished runs; costs in ${study.cost_unit}. Click a heading to sort, a row to see the trials of the cell.`;
  const options = study.varied.filter(one => one.option !== SEED);
  const lengths = [...new Set(study.cells.flatMap(cell => cell.tests.map(test => test.length)))];
  const named = options.map(one => optionColumn(one.option, cell => choice(cell.first, one.option), one.values));
  const columns = byCost ? [...named, ...costColumns()] : [
    ...named,
    {
      title: "solved", number: true, value: cell => cell.runs === 0 ? null : cell.solved / cell.runs,
      text: cell => `${cell.solved}/${cell.runs}${cell.runs < cell.trials ? ` of ${cell.trials}` : ""}`, help: "Finished runs that met the criterion",
    },
    {
      title: "95% interval", number: true, value: cell => cell.runs === 0 ? null : cell.low,
      text: cell => cell.runs === 0 ? "" : `${interval([cell.low, cell.high])} `, node: intervalBar, help: "Wilson's interval of the success rate",
    },
    numberColumn("first hit", cell => cell.first_hit, updates, "Median update of the first check with at most 1% wrong"),
    {
      title: "sustained", number: true, value: cell => cell.sustained, text: cell => cell.sustained_runs > 0 ? `${updates(cell.sustained)} (${cell.sustained_runs})` : "",
      help: "Median update of the third check in a row with at most 1% wrong, and the number of runs that reached it",
    },
    numberColumn("seconds", cell => cell.seconds, number, "Median seconds to the first hit"),
    numberColumn("least error", cell => cell.error, percent),
    ...lengths.map(length => numberColumn(`test ${length}`, cell => cell.tests.find(test => test.length === length)?.error, percent, `Median error of the solved runs at length ${length}`)),
  ];
  if (options.length === 0) columns.unshift({ title: "cell", text: () => "(all)", value: () => "" });
  if (study.cells.some(cell => cell.non_finite > 0)) columns.push(numberColumn("non-finite", cell => cell.non_finite, count, "Runs that ended with a gradient that was not finite"));
  makeTable(find("cells"), "Cells", columns, open).set(study.cells);
}

function trialTable(open) {
  const lengths = [...new Set(trials.tests.flatMap(tests => (tests ?? []).map(test => test[0])))];
  const tested = byCost || lengths.length > FEW ? [] : lengths;
  const columns = [
    ...study.varied.map(one => optionColumn(one.option, i => choice(i, one.option), one.values)),
    { title: "outcome", text: outcomeOf, value: outcomeOf, style: i => byCost ? (outcomeOf(i) === "non-finite" ? "bad" : "") : isSolved(i) ? "good" : isDone(i) ? "bad" : "" },
    ...byCost ? FOLDS.map(fold => numberColumn(fold, i => foldCost(i, fold), cost, `Cost of the ${fold} fold, ${study.cost_unit}`)) : [
      numberColumn("first hit", i => trials.first_hit[i], updates),
      numberColumn("sustained", i => trials.sustained[i], updates),
    ],
    numberColumn("updates", i => trials.updates[i], count),
    ...byCost ? [] : [
      numberColumn("least error", i => trials.error[i], percent),
      numberColumn("loss", i => trials.loss[i], number, "Validation loss of the best model"),
    ],
    numberColumn("seconds", i => trials.seconds[i], number),
    ...tested.map(length => numberColumn(`test ${length}`, i => trials.tests[i]?.find(test => test[0] === length)?.[2], percent)),
    { title: "hash", text: i => trials.hash[i].slice(0, 8), value: i => trials.hash[i], style: () => "code" },
  ];
  return makeTable(find("trials"), "Trials", columns, open);
}
