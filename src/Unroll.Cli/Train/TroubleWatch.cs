using Unroll.Analysis;
using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>Something that goes wrong in a run.</summary>
/// <param name="Kind">A word: wall, chance, saturated, omega, clipped or overfitting.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Remedy">The option that changes it.</param>
internal sealed record Trouble(string Kind, string Seen, string Remedy)
{
    /// <summary>Both in one line.</summary>
    public string Line => $"{Seen}: {Remedy}";
}

/// <summary>Looks at the checks of a run for trouble. Each kind is said once, at the check at which it is seen.</summary>
/// <param name="options">The options of the run.</param>
/// <param name="shape">Its network.</param>
/// <param name="scales">Whether the run has the option --scale, as those on own sequences.</param>
internal sealed class TroubleWatch(TrainingOptions options, NetworkShape shape, bool scales)
{
    private const double Wall = 10, Dominates = 2, MostSaturated = 0.5, MostClipped = 0.95, Solved = 0.01;

    // Of the loss of chance: below the first share something has been learned, above the second it has been lost.
    private const double Learned = 0.7, Lost = 0.97;

    // Of the least validation loss and of the training loss at that check.
    private const double Risen = 1.02, Fallen = 0.98;

    private const int ChecksToBeSure = 2, ChecksSinceBest = 3;

    private readonly Dictionary<string, Trouble> _found = [];
    private TrainingProgress? _before, _best;
    private double _chance = double.NaN;
    private int _clipped, _omega, _sinceBest;

    /// <summary>All that was found, in the order in which it was.</summary>
    public IReadOnlyCollection<Trouble> Found => _found.Values;

    /// <summary>Looks at a check, and returns what is new.</summary>
    /// <param name="check">The check.</param>
    /// <param name="saturated">The share of saturated units, 0 to 1; null where it was not measured.</param>
    public IReadOnlyList<Trouble> See(TrainingProgress check, double? saturated)
    {
        var found = new List<Trouble>();
        if (double.IsNaN(_chance)) _chance = Chance(check);
        Add(LossJumped(check));
        Add(FellToChance(check));
        Add(Saturated(saturated));
        Add(OmegaDominates(check));
        Add(AlwaysClipped(check));
        Add(Overfits(check));
        _before = check;
        if (!(check.ValidationLoss >= _best?.ValidationLoss)) (_best, _sinceBest) = (check, 0);
        return found;

        void Add(Trouble? trouble)
        {
            if (trouble is not null && _found.TryAdd(trouble.Kind, trouble)) found.Add(trouble);
        }
    }

    /// <summary>What a network loses that knows only how frequent the answers are, as far as it is known.</summary>
    private double Chance(TrainingProgress check) => shape.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery
        && options.MaximumEpochs is null && check.Epoch is null && check.ValidationLoss > 0.9 * Math.Log(shape.Outputs)
            ? Math.Log(shape.Outputs) : check.ValidationLoss;

    private Trouble? LossJumped(TrainingProgress check)
    {
        if (_before is not { Loss: > 0 } before || !(check.Loss >= Wall * before.Loss) || check.Error <= Solved) return null;
        string seen = $"the loss jumped from {Format.Number(before.Loss)} to {Format.Number(check.Loss)}, a wall (section 2.3)";
        double usual = ClipAdvice.TwoDigits(ClipAdvice.Factor * before.GradientNorm);
        return options.ClipMode == ClipMode.None && usual > 0 && double.IsFinite(usual)
            ? new Trouble("wall", seen, $"--clip {Format.Exact(usual)} bounds such a step, 3 times the mean norm before it")
            : new Trouble("wall", seen, $"a lower --lr than {Format.Number(check.LearningRate)}, or --rescue best, which goes "
                + "back to the best model");
    }

    private Trouble? FellToChance(TrainingProgress check)
    {
        if (_best is not { } best) return null;
        if (!(best.ValidationLoss < Learned * _chance) || !(check.ValidationLoss >= Lost * _chance)) return null;
        string seen = $"the validation loss is back at that of chance, {Format.Number(check.ValidationLoss)}, after "
            + $"{Format.Number(best.ValidationLoss)} at update {Format.Count(best.Update)}";
        return new Trouble("chance", seen, check.Rescues is null
            ? "--rescue best goes back to the best model with half the rate"
            : "--rescue is on and may go back to the best model; where that does not help, a lower --lr");
    }

    private Trouble? Saturated(double? share)
    {
        if (!(share > MostSaturated)) return null;
        bool relu = shape.Layers.Any(layer => layer.Definition.HasActivation && layer.Activation == Activation.Relu);
        Initialization start = shape.Layers.All(layer => layer.Definition.Layout.RecurrentGates > 0)
            ? Initialization.Identity : Initialization.FanIn;
        string other = options.Initialization == start ? "" : $"--init {OptionsText.Name(start)}, or ";
        return new Trouble("saturated", relu
            ? $"{Format.Percent(share)} of the units are off and pass no error back"
            : $"{Format.Percent(share)} of the units are saturated and pass almost no error back",
            relu ? $"{other}a lower --lr than {Format.Exact(options.LearningRate)}"
                : $"smaller weights (--init), {(scales ? "inputs of a size near 1 (--scale), " : "")}or a lower --lr than "
                + Format.Exact(options.LearningRate));
    }

    private Trouble? OmegaDominates(TrainingProgress check)
    {
        double weighted = options.Omega * (check.Omega ?? 0);
        bool dominates = options.OmegaSchedule == OmegaSchedule.Constant && weighted > Dominates * check.Loss
            && !(check.Error <= Solved);
        _omega = dominates ? _omega + 1 : 0;
        return _omega < ChecksToBeSure ? null : new Trouble("omega",
            $"Omega counts {Format.Number(weighted)} and the loss {Format.Number(check.Loss)}, so Omega decides where "
                + "updates go",
            $"--omega {Format.Exact(ClipAdvice.TwoDigits(options.Omega * check.Loss / weighted / 4))}, or --omega-schedule "
                + "inverse");
    }

    private Trouble? AlwaysClipped(TrainingProgress check)
    {
        _clipped = check.ClipRate > MostClipped ? _clipped + 1 : 0;
        if (_clipped < ChecksToBeSure) return null;
        double usual = ClipAdvice.TwoDigits(ClipAdvice.Factor * check.GradientNorm);
        return new Trouble("clipped",
            $"{Format.Percent(check.ClipRate)} of the updates are clipped, so the threshold is the length of every step",
            $"--clip {Format.Exact(usual)} is 3 times the mean norm {Format.Number(check.GradientNorm)}; or --clip auto");
    }

    private Trouble? Overfits(TrainingProgress check)
    {
        if (_best is not { } best || check.ValidationLoss < best.ValidationLoss) return null;
        bool parts = check.ValidationLoss > Risen * best.ValidationLoss && check.Loss < Fallen * best.Loss;
        _sinceBest = parts ? _sinceBest + 1 : 0;
        if (_sinceBest < ChecksSinceBest || check.Error <= Solved) return null;
        string noise = options.WeightNoise > 0 || options.OutputDropout > 0 ? "more noise or dropout" : "--output-dropout 0.2";
        return new Trouble("overfitting", $"the validation loss rises ({Format.Number(best.ValidationLoss)} at update "
            + $"{Format.Count(best.Update)}, {Format.Number(check.ValidationLoss)} now) while the training loss falls",
            $"{noise}, --weight-decay, fewer --hidden units, or more data; the best model is kept");
    }
}
