using System.Globalization;
using Unroll.Analysis;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>One thing to change, or to leave.</summary>
/// <param name="About">Which option: <c>clip</c>, <c>omega</c>, <c>init</c>, <c>lr</c>, <c>layers</c>.</param>
/// <param name="Text">What to do, as options of <c>unroll train</c> where there are some.</param>
/// <param name="Because">The number that it rests on.</param>
/// <param name="Section">Where the paper says so.</param>
/// <param name="Value">The value advised, or null.</param>
internal sealed record Advice(string About, string Text, string Because, string Section, double? Value = null)
{
    /// <summary>Whether something is to be changed; an item may also say that something is to be left as it is.</summary>
    /// <remarks>A bound on a rate that is kept asks for nothing.</remarks>
    public bool Asks => About is "init" or "layers" or "inputs" or "leak" or "labels" or "order"
        || Text.StartsWith("--", StringComparison.Ordinal);

    /// <summary>Whether it is about something wrong, not about what would be better.</summary>
    public bool IsAlarm => About is "inputs" or "leak" or "labels" or "order" or "init" or "layers"
        || (About is "lr" or "window" && Asks);

    /// <summary>
    /// Below this share of kept entries Omega says nothing about lags that count as long (half the length), whose signal is too
    /// small for it.
    /// </summary>
    private const double LeastKept = 0.5;

    /// <summary>From this share of rectified units on that are off, they are dead.</summary>
    private const double MostOff = 0.9;

    /// <summary>What the numbers of a diagnosis say, first what the verdict calls for.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="task">The task.</param>
    /// <param name="shape">The network.</param>
    /// <param name="data">What the data says, which comes first; null for nothing.</param>
    /// <param name="rate">The learning rate of plain descent without clipping that the network is trained with; null where it is
    /// not known, or where the optimizer or clipping sets the length of steps.</param>
    /// <param name="grown">That training made the weights large, which replaces other weights to begin with; null where it did
    /// not, or where that is not known.</param>
    public static IReadOnlyList<Advice> Of(GradientDiagnosis diagnosis, ITask task, NetworkShape shape,
        IReadOnlyList<Advice>? data = null, double? rate = null, Advice? grown = null)
    {
        Advice? clip = Clip(diagnosis.Clipping, diagnosis.Norms.Length) ?? ClipAnything(diagnosis);
        Advice omega = shape.Layers.Any(layer => layer.Definition.Layout.RecurrentGates == 0)
            ? new("omega", "of no use here: it changes recurrent weights, which LRU and dense layers do not have", "no W_hh",
                "section 3.3", 0)
            : Omega(diagnosis, task);
        Advice? init = diagnosis.Bounds.Hold ? Initialization(diagnosis, shape.Activation) : CellAdvice.Initialization(diagnosis),
            bound = Rate(diagnosis, rate);
        Advice? layers = CellAdvice.Layers(diagnosis);
        Advice?[] ordered = diagnosis.Verdict switch
        {
            GradientVerdict.Vanishing when !diagnosis.Bounds.Hold || (!IsSolved(diagnosis) && !OmegaActs(diagnosis)) =>
                [layers, init, omega, clip, bound],
            GradientVerdict.Vanishing => [layers, omega, init, clip, bound],
            GradientVerdict.Exploding => [clip, init, omega, bound, layers],
            _ => [layers, clip, bound, omega],
        };
        Advice? saturated = diagnosis.Verdict == GradientVerdict.Exploding || IsSolved(diagnosis) ? null
            : diagnosis.Bounds.Hold ? Dead(diagnosis, shape.Activation) : CellAdvice.Saturation(diagnosis, ofStates: false);
        saturated = grown ?? saturated;

        // Saturated units hide the curvature that the rate had before.
        bool bounded = bound is { Asks: true } && grown is null;
        Advice?[] urgent = [bounded ? bound : null, saturated];
        // What the data says of the window outweighs a gradient that could use a longer one, and not one that dies within it.
        Advice? measured = data?.FirstOrDefault(one => one.About == "window"), window = SeriesAdvice.Window(diagnosis, task);
        if (measured is not null && (measured.Asks || window?.Value is not null)) window = null;
        IEnumerable<Advice> others = ordered.Append(window).OfType<Advice>().Where(one =>
            !urgent.Contains(one) && (saturated is null || one.About != "init" && (one.About != "lr" || bounded)));
        IEnumerable<Advice> asked = (data ?? []).Where(one => one.Asks),
            noted = (data ?? []).Where(one => !one.Asks && (one != measured || window is null));
        return [.. asked, .. urgent.OfType<Advice>(), .. others, .. noted];
    }

    /// <summary>The threshold by the average norm; null when no norm was finite and above 0.</summary>
    public static Advice? Clip(ClipAdvice advice, int updates) => double.IsNaN(advice.Threshold) ? null : new(
        "clip", $"--clip {Format.Exact(advice.Threshold)}, {Format.Exact(ClipAdvice.Factor)} times the mean norm",
        $"the mean is {Format.Number(advice.Mean)}; it would clip {Format.Percent(advice.ClipRate)} of "
            + $"{Counted.Of(updates, "update")}. "
            + "Measured on temporal order of 50 steps: 3 to 100 times the mean solve 10 of 10 runs, in about half the updates of "
            + "1, which solves 9; 0.5 times solves 6, 0.3 times 4",
        "section 3.2", advice.Threshold);

    /// <summary>
    /// A memory that holds is an attractor, and the gradient of states on their way to one vanishes: nothing to mend.
    /// </summary>
    public static bool IsSolved(GradientDiagnosis diagnosis) => diagnosis.Error <= 0.01;

    private static Advice? ClipAnything(GradientDiagnosis diagnosis) => diagnosis.ExplodingProbability <= 0 ? null : new(
        "clip", "--clip 1, for a start: no step is then longer than the learning rate",
        $"{(diagnosis.Norms.Length == 1 ? "the one batch" : $"all {diagnosis.Norms.Length} batches")} exploded, "
            + $"{Largest(diagnosis.Norms)}: their average says nothing",
        "section 3.2", 1);

    private static Advice? Rate(GradientDiagnosis diagnosis, double? given)
    {
        if (diagnosis.LearningRateBound is not { } bound) return null;

        // Where gradients explode, the curvature does too, and no rate that this gives would teach anything.
        if (given > bound && diagnosis.Verdict != GradientVerdict.Exploding)
        {
            double half = ClipAdvice.TwoDigits(bound / 2);
            return new("lr", $"--lr {Format.Exact(half)}, half of 2 / curvature, or clipping",
                $"the rate {Format.Number(given)} is above 2 / curvature = {Format.Number(bound)}, where descent diverges",
                "section 2.3", half);
        }

        double rate = ClipAdvice.TwoDigits(bound);
        return new(
            "lr", string.Create(CultureInfo.InvariantCulture,
                $"keep --lr below {Format.Number(rate)} at these weights, without clipping"),
            $"largest curvature {Format.Number(diagnosis.Curvature)}, and 2 / curvature is where descent along it diverges",
            "section 2.3", rate);
    }

    /// <summary>Whether Omega's gradient can change the recurrent weights, and for more than the last few lags.</summary>
    private static bool OmegaActs(GradientDiagnosis diagnosis) =>
        diagnosis.OmegaGradient > 0 && double.IsFinite(diagnosis.OmegaGradient) && diagnosis.Omega.Kept >= LeastKept;

    private static Advice Omega(GradientDiagnosis diagnosis, ITask task)
    {
        const string Section = "section 3.3";
        string now = $"Omega is {Format.Number(diagnosis.Omega.Omega)}", kept = Format.Percent(diagnosis.Omega.Kept);
        GradientBounds bounds = diagnosis.Bounds;
        if (diagnosis.Verdict == GradientVerdict.Healthy)
        {
            if (!bounds.MustVanish)
                return new("omega", "not needed for these gradients", $"the signal reaches the first step; {now}", Section, 0);
            string limit = bounds.VanishedBy is { } lag
                ? $"eta = {Format.Number(bounds.Eta)} leaves less than a thousandth of it by lag {lag}"
                : $"spectral radius {Format.Number(bounds.SpectralRadius)} makes it vanish in the long run";
            return new("omega", "not needed at these lengths; longer ones need other weights",
                $"the signal reaches the first step, but {limit}; {now}", Section, 0);
        }

        if (IsSolved(diagnosis))
            return new("omega", "leave as it is: these sequences are solved",
                $"{Format.Percent(diagnosis.Error)} wrong; {now}", Section);
        if (diagnosis.Verdict == GradientVerdict.Exploding && !(diagnosis.Measured.Rate < 1))
        {
            string rate = double.IsNaN(diagnosis.Measured.Rate) ? "no rate could be measured"
                : $"measured rate {Format.Number(diagnosis.Measured.Rate)} a step; {now}";
            return new("omega", "clip first; Omega alone does not stop an explosion", rate, Section, 0);
        }

        if (diagnosis.Omega.Kept == 0)
            return new("omega", "of no use at these weights: no error signal is large enough for it",
                $"{kept} of its entries are kept, those with a signal from 1e-10 on", Section, 0);
        if (diagnosis.OmegaGradient == 0)
            return new("omega", "of no use at these weights: its gradient is exactly 0",
                $"no small change of {(bounds.Hold ? "W_rec" : "the recurrent weights")} makes it smaller; {now}", Section, 0);
        if (!OmegaActs(diagnosis))
            return new("omega", "not yet: other weights first, then diagnose again",
                $"it sees {kept} of the way, where the signal is at least 1e-10; {now}", Section, 0);
        TrainingOptions paper = task is ICorpusTask corpus && CorpusKind.Find(task.Name) is { } kind
            ? kind.PaperRecipe(corpus)
            : TaskCatalogue.IsSynthetic(task.Name) ? Recipes.Get(task.Name, "paper") : new TrainingOptions();
        string schedule = paper.OmegaSchedule == OmegaSchedule.Constant ? ""
            : $" --omega-schedule {OptionsText.Name(paper.OmegaSchedule)}";
        string begin = bounds.Hold ? "" : ", the paper's weight for plain layers, to begin with";
        return new(
            "omega", $"--omega {Format.Exact(paper.Omega)}{schedule}{begin}",
            $"{Format.Percent(Known(diagnosis.LongTermShare.Median))} of the gradient is from lags of at least "
                + $"{diagnosis.LongBorder}; {now}, {kept} of entries kept", Section, paper.Omega);
    }

    /// <summary>
    /// The same where it is an illness whatever else is wrong: half of rectified units are off in a healthy network.
    /// </summary>
    private static Advice? Dead(GradientDiagnosis diagnosis, Activation activation) =>
        activation == Activation.Relu && diagnosis.Saturated <= MostOff ? null : Saturated(diagnosis, activation);

    /// <summary>Other weights where most units of one plain layer are at their ends; null where they are not.</summary>
    private static Advice? Saturated(GradientDiagnosis diagnosis, Activation activation)
    {
        if (!(diagnosis.Saturated > 0.5)) return null;
        string text = activation switch
        {
            Activation.Relu => "--init identity",
            Activation.Sigmoid => "smaller weights: --init sigmoid",
            _ => "smaller weights: --init smart-tanh",
        };
        return new("init", text,
            $"{Format.Percent(diagnosis.Saturated)} of the units are saturated and pass nothing back", "sections 2.1, 4.1");
    }

    private static Advice? Initialization(GradientDiagnosis diagnosis, Activation activation)
    {
        GradientBounds bounds = diagnosis.Bounds;
        if (diagnosis.Verdict == GradientVerdict.Healthy || IsSolved(diagnosis)) return null;
        if (Saturated(diagnosis, activation) is { } saturated) return saturated;
        if (diagnosis.Verdict == GradientVerdict.Vanishing && diagnosis.Lag == 0)
            return new("init", "give the head weights other than 0",
                $"no cost reaches the hidden units, of which {Format.Percent(diagnosis.Saturated)} are saturated", "section 2.1");
        if (diagnosis.Verdict == GradientVerdict.Exploding)
        {
            return new(
                "init", "--init smart-tanh (spectral radius 0.95)", bounds.CanExplode
                    ? $"sigma_max {Format.Number(bounds.LargestSingularValue)}, above 1/gamma = {Format.Number(1 / bounds.Gamma)}"
                    : $"gradients are not finite, though sigma_max is {Format.Number(bounds.LargestSingularValue)}",
                    "sections 2.1, 4.1");
        }

        string rate = $"measured rate {Format.Number(diagnosis.Measured.Rate)} a step";
        if (activation == Activation.Tanh && bounds.SpectralRadius > 0.97 && bounds.LargestSingularValue is > 0.97 and < 1.05)
        {
            return new(
                "init", "keep W_rec, make the inputs' weights and the biases smaller",
                $"W_rec alone keeps the norm (sigma_max {Format.Number(bounds.LargestSingularValue)}, radius "
                    + $"{Format.Number(bounds.SpectralRadius)}); the slopes lose it, {rate}", "section 2.1");
        }

        string because = bounds.MustVanish
            ? $"gradients must vanish: eta = gamma sigma_max = {Format.Number(bounds.Eta)} is below 1"
            : $"{rate}, eta {Format.Number(bounds.Eta)}";
        return activation == Activation.Sigmoid
            ? new("init", "--activation tanh --init orthogonal", $"{because}; gamma of a sigmoid is 1/4", "section 2.1")
            : new("init", activation == Activation.Relu ? "--init identity" : "--init orthogonal (every singular value 1)",
                because, "section 2.1");
    }

    private static string Largest(IEnumerable<double> norms) =>
        norms.Any(norm => !double.IsFinite(norm)) ? "some norms not finite" : $"norms up to {Format.Number(norms.Max())}";

    private static double? Known(double share) => double.IsNaN(share) ? null : share;
}
