namespace Unroll.Cli.Learn;

/// <content>Tasks, data, and how predictions are evaluated.</content>
internal static partial class Glossary
{
    private const string OwnData = "own-data.md", CorpusPage = "data.md", Sampling = "sampling.md";

    private static IEnumerable<Term> OfData() =>
    [
        Of("task", "Task; --task",
            "What is to be learned: the problems of section 4.1, music, text, or your own data.", Recipes),
        Of("temporal order", "temporal-order; temporal-order-3bit",
            "Two (or three) symbols among distractors; the answer is in which order they came, one of 4 (or 8) classes.",
            Recipes),
        Of("addition", "multiplication",
            "Two marked numbers of a sequence; their sum (or product).", Recipes),
        Of("permutation", "",
            "The first symbol of a sequence is also its last; all between them is noise.", Recipes),
        Of("memorization", "memorization-20bit",
            "A pattern is shown, and after T blank steps it is to be repeated.", Recipes),
        Of("mackey-glass", "mackey glass",
            "A chaotic series, the next values of which are to be predicted; a usual test of echo state networks.", Recipes),
        Of("narma", "narma-feedback",
            "A series that hangs on its last ten or more values and on products of the inputs before.", Recipes),
        Of("memory capacity", "memory-capacity",
            "How many past inputs can be read out of the present state, as a sum of squared correlations.", Recipes),
        Of("cycle", "sine; figure-eight",
            "Tasks of generation: a network is shown part of a cycle and goes on with it by itself. sine-40 has a period of 40 "
            + "steps.", Updates),
        Of("teacher forcing", "--teacher-forcing; --free; own outputs; scheduled sampling",
            "The true values as inputs while training, in the place of the network's own outputs of the step before.", Updates),
        Of("variant", "--variant; code; text; hs97",
            "The task as in the authors' code, as in the paper's text, or as Hochreiter and Schmidhuber published it in 1997.",
            Recipes),
        Of("length", "lengths; --length; T",
            "Steps of a sequence; a range of lengths is one model for all of them.", Recipes),
        Of("window", "--window; segment; --segment",
            "The steps that are seen at once: the input of a forecast, or of one update of text and music.", OwnData),
        Of("horizon", "--horizon; steps ahead; --ahead",
            "How many steps are forecast.", OwnData),
        Of("decoder", "--decoder; parallel decoder; parallel decoding; fed-back decoder; fed back; parts",
            "How a horizon comes from the state behind the window: all at once, in parts that all start from it, or in parts of "
            + "which each forecast is the next input.", OwnData),
        Of("fold", "folds; train; test",
            "A part of the data: train to learn from, validation to choose by, test for one evaluation at the end.", OwnData),
        Of("scale", "--scale; --window-scale; standard; robust; minmax",
            "How inputs are brought to a size that a network learns from.", OwnData),
        Of("nats", "nats per step; bits; bits a character",
            "Units of surprise: the mean of -ln p of what came, or -log2 p in bits. Lower is better; ln 4 = 1.386 nats is "
            + "chance among four.", CorpusPage),
        Of("squared error", "MSE; MSE/sd2",
            "The mean of the squares of what a prediction is off by; /sd2 in squared standard deviations of the training "
            + "fold.", OwnData),
        Of("MAE", "mean absolute error; MAE/sd",
            "The mean of what a forecast is off by, in the units of the data; /sd in standard deviations of the training "
            + "fold.", OwnData),
        Of("RMSE", "",
            "The root of the mean squared error, in the units of the data.", OwnData),
        Of("MASE", "",
            "The MAE divided by that of the seasonal naive forecast on the training fold: below 1 is better than it.", OwnData),
        Of("sMAPE", "",
            "The mean of 2 |e| / (|forecast| + |truth|), in percent.", OwnData),
        Of("R2", "",
            "The share of the variance that is explained: 1 is perfect, 0 no better than the mean.", OwnData),
        Of("coverage", "quantile",
            "The share of values that fall within a forecast interval.", OwnData),
        Of("accuracy", "balanced accuracy; macro F1; right",
            "The share of sequences whose class is right; balanced over classes; and the mean of the classes' F1.", OwnData),
        Of("log loss", "calibration",
            "The mean of -ln p of the true class; calibration compares p with how often it is right.", OwnData),
        Of("confusion matrix", "confusion",
            "How often each class is taken for each other one.", OwnData),
        Of("baseline", "naive; seasonal naive; majority class; with drift",
            "What needs no learning: the last value, the value a season ago, the most frequent class. A network that does "
            + "not beat them has learned nothing of use.", OwnData),
        Of("ridge", "ridge on the window; ridge regression",
            "A linear forecast from the same window; often hard to beat.", OwnData),
        Of("season", "",
            "The period after which a series looks alike, found by autocorrelation or given.", OwnData),
        Of("piano roll", "keys; notes",
            "A matrix of steps by 88 keys, 1 where a key sounds.", CorpusPage),
        Of("density", "notes a step",
            "The mean number of keys that sound at a step. Samples far below the data's are near silence.", Sampling),
        Of("alphabet", "unknown symbol; --alphabet",
            "The symbols of a text that a network reads and writes.", CorpusPage),
        Of("temperature", "--temperature",
            "What logits are divided by before a draw: below 1 is safer, above 1 wilder.", Sampling),
    ];
}
