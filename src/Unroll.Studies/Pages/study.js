// The page: heading, filters, and the address. The part after # says what is shown: #method=sgd-c&trial=HASH.

const TRIAL = "trial", OUTCOME = "outcome", TEXT = "q";
const LONG_LIST = 60;
const state = { filters: new Map(), trial: "" };
let table = null;

function showHeading() {
  const done = trials.hash.filter((_, i) => isDone(i)).length, solved = trials.hash.filter((_, i) => isSolved(i)).length;
  document.title = `${study.name} - Unroll study`;
  find("name").textContent = study.name;
  find("description").textContent = study.description;
  find("definition").textContent = study.definition;
  const seconds = trials.seconds.reduce((sum, value) => sum + (value ?? 0), 0);
  const facts = [
    ["trials", count(trials.hash.length)], ["cells", count(study.cells.length)], ["done", count(done)], byCost ? ["costs", study.cost_unit] : ["solved", count(solved)], ["training time", time(seconds)],
    ["made by", study.made.map(one => `unroll ${one.version}, ${one.kernel}${study.made.length > 1 ? ` (${count(one.trials)} trials)` : ""}`).join("; ") || "nothing yet"],
  ];
  if (study.shard !== "1/1") facts.push(["shard", study.shard]);
  if (study.points !== undefined) facts.push(["curves", study.points > 0 ? `at most ${study.points} checks a trial` : "left out, because the study is too large"]);
  find("facts").replaceChildren(...facts.map(([name, value]) => element("div", null, element("dt", null, name), element("dd", null, value))));
  const figure = document.querySelector(".given svg");
  const width = Number.parseFloat(figure?.getAttribute("width")), height = Number.parseFloat(figure?.getAttribute("height"));
  if (width > 0 && height > 0 && !figure.hasAttribute("viewBox")) figure.setAttribute("viewBox", `0 0 ${width} ${height}`);
}

const matches = (trial, name, wanted) => name === OUTCOME ? outcomeOf(trial) === wanted
  : name === TEXT ? wanted.toLowerCase().split(/\s+/).every(word => textOf(trial).includes(word))
  : choice(trial, name) === wanted;

const texts = [];
const textOf = trial => texts[trial] ??= [nameOf(trial), trials.hash[trial], outcomeOf(trial), study.messages[trial] ?? ""].join(" ").toLowerCase();

function filter() {
  const filters = [...state.filters].filter(([, wanted]) => wanted !== "");
  const found = [];
  for (let i = 0; i < trials.hash.length; i++) {
    if (filters.every(([name, wanted]) => matches(i, name, wanted))) found.push(i);
  }

  table.set(found);
  const solved = found.filter(isSolved).length, done = found.filter(isDone).length;
  const ended = done === 0 ? "" : byCost ? `, ${count(done)} finished` : `, ${count(solved)} of ${count(done)} finished ones solved`;
  find("trials-count").textContent = `${count(found.length)} of ${count(trials.hash.length)} trials${ended}`;
}

function write() {
  const address = new URLSearchParams([...state.filters].filter(([, wanted]) => wanted !== ""));
  if (state.trial) address.set(TRIAL, state.trial);
  const text = address.toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}

function setFilter(name, wanted) {
  state.filters.set(name, wanted);
  filter();
  write();
}

function showFilters() {
  const outcomes = [...new Set(trials.hash.map((_, i) => outcomeOf(i)))];
  const controls = [...study.varied.map(one => [one.option, one.values]), [OUTCOME, outcomes]].map(([name, values]) => {
    if (values.length > LONG_LIST) {
      const id = `values-${study.varied.findIndex(one => one.option === name)}`;
      return element("label", null, name, element("input", { name, list: id, placeholder: "any", change: event => setFilter(name, event.target.value.trim()) }),
        element("datalist", { id }, ...values.slice(0, 2000).map(value => element("option", { value }))));
    }

    const shown = isNumeric(values) ? [...values].sort((a, b) => numeric(a) - numeric(b)) : values;
    return element("label", null, name, element("select", { name, change: event => setFilter(name, event.target.value) },
      element("option", { value: "" }, "any"), ...shown.map(value => element("option", { value }, value))));
  });
  let waiting = 0;
  const search = element("input", { type: "search", name: TEXT, placeholder: "words of the name, hash, message", input: event => {
    clearTimeout(waiting);
    waiting = setTimeout(() => setFilter(TEXT, event.target.value.trim()), 120);
  } });
  find("filters").replaceChildren(...controls, element("label", null, "text", search), element("button", { type: "button", click: () => {
    state.filters.clear();
    setControls();
    filter();
    write();
  } }, "Clear"));
}

function setControls() {
  for (const control of find("filters").querySelectorAll("select, input")) control.value = state.filters.get(control.name) ?? "";
}

function openTrial(trial) {
  state.trial = trials.hash[trial];
  write();
  const place = table.rows.indexOf(trial);
  return showTrial(trial, openTrial, place < 0 ? [] : [table.rows[place - 1], table.rows[place + 1]]);
}

/** Shows what the address says. */
function read() {
  const address = new URLSearchParams(location.hash.slice(1));
  const names = new Set([...study.varied.map(one => one.option), OUTCOME, TEXT]);
  state.filters = new Map([...address].filter(([name]) => names.has(name)));
  state.trial = "";
  setControls();
  filter();
  const wanted = address.get(TRIAL);
  const trial = wanted ? trials.hash.findIndex(hash => hash.startsWith(wanted)) : -1;
  if (trial >= 0) openTrial(trial);
  else if (find("trial").open) find("trial").close();
}

showHeading();
showSuccess();
showCells(cell => {
  state.filters = new Map(study.varied.filter(one => one.option !== SEED).map(one => [one.option, choice(cell.first, one.option)]));
  setControls();
  filter();
  write();
  find("trials-heading").scrollIntoView({ behavior: "smooth" });
});
table = trialTable(openTrial);
showFilters();
read();
window.addEventListener("hashchange", read);
find("trial").addEventListener("close", () => {
  state.trial = "";
  delete find("trial").dataset.trial;
  write();
});
find("trial").addEventListener("click", event => {
  // A click outside the dialog arrives at the dialog itself.
  if (event.target === event.currentTarget) event.currentTarget.close();
});
page.dataset.ready = "true";
