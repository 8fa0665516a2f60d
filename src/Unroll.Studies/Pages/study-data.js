// The study, and the names of its trials.

const study = JSON.parse(find("study-data").textContent);
const trials = study.trials;
const SEED = "seed";

/** A trial's value of an option that varies, as text; empty where its grid does not have the option. */
function choice(trial, option) {
  const varied = study.varied.find(one => one.option === option);
  return varied?.values[varied.of[trial]] ?? "";
}

const nameOf = trial => study.varied
  .filter(one => one.of[trial] >= 0)
  .map(one => `${one.option}=${one.values[one.of[trial]]}`)
  .join(" ") || "(the only trial)";

// Music and text have no success rule: their studies show the costs of the best model by validation.
const byCost = study.cost_unit !== undefined;
const FOLDS = ["train", "validation", "test"];
const cost = value => missing(value) ? "" : value.toFixed(3);

/** The cost of a fold; the validation cost of training where the fold was not measured. */
const foldCost = (trial, fold) => trials.tests[trial]?.find(test => test[0] === fold)?.[4] ?? (fold === "validation" ? trials.loss[trial] : null);

const isDone = trial => trials.outcome[trial] >= 0;
const isSolved = trial => trials.first_hit[trial] !== null;
const outcomeOf = trial => isDone(trial) ? study.outcomes[trials.outcome[trial]] : "not done";
