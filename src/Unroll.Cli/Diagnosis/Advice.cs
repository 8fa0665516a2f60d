using System.Globalization;
using Unroll.Analysis;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>One thing to change, or to leave.</summary>
/// <param name="About">Which knob: <c>clip</c>, <c>omega</c>, <c>init</c>, <c>lr</c>, <c>curriculum</c>.</param>
/// <param name="Text">What to do, as options of <c>unroll train</c> where there are some.</param>
/// <param name="Because">The number that it rests on.</param>
/// <param name="Section">Where the paper says so.</param>
/// <param name="Value">The value advised, or null.</param>
internal sealed record Advice(string About, string Text, string Because, string Section, double? Value = null)
{
    /// <summary>What the numbers of a diagnosis say.</summary>
    public static IReadOnlyList<Advice> Of(GradientDiagnosis diagnosis, ITask task, Activation activation)
    {
        var all = new List<Advice>();
        if (Clip(diagnosis.Clipping, diagnosis.Norms.Length) is { } clip) all.Add(clip);
        else if (diagnosis.ExplodingProbability > 0)
        {
            all.Add(new(
                "clip", "--clip 1, for a start: no step is then longer than the learning rate",
                $"all {diagnosis.Norms.Length} batches exploded, norms up to {Format.Number(diagnosis.Norms.Max())}: their average says nothing", "section 3.2", 1));
        }

        all.Add(Omega(diagnosis, task));
        if (Initialization(diagnosis, activation) is { } start) all.Add(start);
        if (diagnosis.LearningRateBound is { } bound)
        {
            double rate = ClipAdvice.TwoDigits(bound);
            all.Add(new("lr", string.Create(CultureInfo.InvariantCulture, $"keep --lr below {Format.Number(rate)} at these weights, without clipping"), $"largest curvature {Format.Number(diagnosis.Curvature)}, and 2 / curvature is where descent along it diverges", "section 2.3", rate));
        }

        return all;
    }

    /// <summary>The threshold by the average norm; null when no norm was finite and above 0.</summary>
    public static Advice? Clip(ClipAdvice advice, int updates) => double.IsNaN(advice.Threshold) ? null : new(
        "clip", $"--clip {Format.Exact(advice.Threshold)} (anything from {Format.Number(advice.Threshold / 2)} to {Format.Number(10 * advice.Threshold)} works alike)",
        $"the mean norm; it would clip {Format.Percent(advice.ClipRate)} of {updates} updates", "section 3.2", advice.Threshold);

    /// <summary>A memory that holds is an attractor, and the gradient of states on their way to one vanishes: nothing to mend.</summary>
    public static bool IsSolved(GradientDiagnosis diagnosis) => diagnosis.Error <= 0.01;

    private static Advice Omega(GradientDiagnosis diagnosis, ITask task)
    {
        string now = $"Omega is {Format.Number(diagnosis.Omega.Omega)}";
        if (diagnosis.Verdict == GradientVerdict.Healthy) return new("omega", "not needed for these gradients", $"the signal reaches the first step; {now}", "section 3.3", 0);
        if (IsSolved(diagnosis)) return new("omega", "leave as it is: these sequences are solved", $"{Format.Percent(diagnosis.Error)} wrong; {now}", "section 3.3");
        if (diagnosis.Verdict == GradientVerdict.Exploding && !(diagnosis.Measured.Rate < 1))
            return new("omega", "clip first; Omega alone does not stop an explosion", $"measured rate {Format.Number(diagnosis.Measured.Rate)} a step; {now}", "section 3.3", 0);
        TrainingOptions paper = task switch
        {
            TextTask text => CorpusRecipes.Get(text.Name, "", text.Ahead, clips: true, regularizes: true, "paper"),
            MusicTask music => CorpusRecipes.Get(music.Name, music.Corpus.Name, 1, clips: true, regularizes: true, "paper"),
            _ => SyntheticTasks.All.Any(known => known.Name == task.Name) ? Recipes.Get(task.Name, "paper") : new TrainingOptions(),
        };
        string schedule = paper.OmegaSchedule == OmegaSchedule.Constant ? "" : $" --omega-schedule {OptionsText.Name(paper.OmegaSchedule)}";
        return new("omega", $"--omega {Format.Exact(paper.Omega)}{schedule}", $"{Format.Percent(diagnosis.LongTermShare.Median)} of the gradient is from lags of at least {diagnosis.LongBorder}; {now}", "section 3.3", paper.Omega);
    }

    private static Advice? Initialization(GradientDiagnosis diagnosis, Activation activation)
    {
        GradientBounds bounds = diagnosis.Bounds;
        if (diagnosis.Verdict == GradientVerdict.Healthy || IsSolved(diagnosis)) return null;
        if (diagnosis.Saturated > 0.5)
            return new("init", "smaller weights: --init smart-tanh", $"{Format.Percent(diagnosis.Saturated)} of the units are saturated and pass nothing back", "sections 2.1, 4.1");
        if (diagnosis.Verdict == GradientVerdict.Exploding)
            return new("init", "--init smart-tanh (spectral radius 0.95)", $"sigma_max {Format.Number(bounds.LargestSingularValue)}, above 1/gamma = {Format.Number(1 / bounds.Gamma)}", "sections 2.1, 4.1");
        if (activation == Activation.Tanh && bounds.SpectralRadius > 0.97 && bounds.LargestSingularValue is > 0.97 and < 1.05)
            return new("init", "keep W_rec, make the inputs' weights and the biases smaller", $"W_rec alone keeps the norm (sigma_max {Format.Number(bounds.LargestSingularValue)}, radius {Format.Number(bounds.SpectralRadius)}); the slopes lose it, {Format.Number(diagnosis.Measured.Rate)} a step", "section 2.1");
        string because = bounds.MustVanish ? $"gradients must vanish: eta = gamma sigma_max = {Format.Number(bounds.Eta)} is below 1" : $"measured rate {Format.Number(diagnosis.Measured.Rate)} a step, eta {Format.Number(bounds.Eta)}";
        return activation == Activation.Sigmoid
            ? new("init", "--activation tanh --init orthogonal", $"{because}; gamma of a sigmoid is 1/4", "section 2.1")
            : new("init", activation == Activation.Relu ? "--init identity" : "--init orthogonal (every singular value 1)", because, "section 2.1");
    }
}
