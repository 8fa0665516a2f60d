using System.Security.Cryptography;
using System.Text;
using Unroll.Data;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>One training run of a study.</summary>
public sealed record Trial
{
    /// <summary>
    /// Increased when the same options come to mean other bits, so that old results are not taken for new ones.
    /// </summary>
    private const int Semantics = 1;

    /// <summary>
    /// The sizes by which <see cref="Cost"/> is turned into seconds of one core, roughly; a study measures how far off it is.
    /// </summary>
    private const double OperationsPerSecond = 1.2e11, SecondsPerStep = 6e-7;

    internal Trial(int position, IReadOnlyList<KeyValuePair<string, string>> choices, TrainSettings settings)
    {
        (Position, Choices, Settings) = (position, choices, settings);
        Hash = Identify(settings);
        Name = Text(choices);
        Cell = Text(choices.Where(choice => choice.Key != TrialOptions.Seed));
        Cost = Expect(settings);
    }

    /// <summary>Its place in the grid, from 0.</summary>
    public int Position { get; }

    /// <summary>The values of the axes that vary in the study, in the order of its axes.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Choices { get; }

    /// <summary>Every training option of the trial, resolved.</summary>
    public TrainingOptions Options => Settings.Options;

    /// <summary>Everything resolved.</summary>
    internal TrainSettings Settings { get; }

    /// <summary>
    /// The trial's identity: a hash of everything that can change a bit of its result, resolved, and of nothing else (no
    /// threads, no folders, not the recipe's name). The same options are the same trial in any study.
    /// </summary>
    public string Hash { get; }

    /// <summary>What tells it from the study's other trials, such as <c>method=sgd-c length=20 seed=1</c>.</summary>
    public string Name { get; }

    /// <summary>The cell it belongs to: its name without the seed.</summary>
    public string Cell { get; }

    /// <summary>Its place among the trials of its cell, from 0.</summary>
    public int Replicate { get; internal init; }

    /// <summary>
    /// Seconds that its whole budget is expected to take on one core, for the order of work and the balance of shards.
    /// </summary>
    public double Cost { get; }

    /// <summary>Names are split at spaces, so that those of a path are written as in a URL.</summary>
    private static string Text(IEnumerable<KeyValuePair<string, string>> choices) => string.Join(' ', choices.Select(choice =>
    {
        bool words = CorpusOptionTable.IsPath(choice.Key) || choice.Value.Any(char.IsWhiteSpace);
        return $"{choice.Key}={(words ? OwnTask.OneWord(choice.Value) : choice.Value)}";
    }));

    private static string Identify(TrainSettings settings)
    {
        var text = new StringBuilder();
        text.Append(null, $"unroll trial {Semantics}\n");
        foreach ((string name, string value) in settings.TaskProperties()) text.Append(null, $"{name}={value}\n");
        foreach ((string name, string value) in OptionsText.Identity(settings.Options)
            .OrderBy(p => p.Key, StringComparer.Ordinal))
            text.Append(null, $"{name}={value}\n");

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..24];
    }

    private static double Expect(TrainSettings settings)
    {
        TrainingOptions o = settings.Options;
        ITask task = settings.Sketch();
        if (settings.Corpus is { } corpus)
            return Expect(settings, corpus.ExpectedSteps(), corpus.Window, corpus.Kind.ExpectedOutputs);

        if (task is ICorpusTask own)
        {
            IEnumerable<int> streams = Enumerable.Range(0, own.Streams(Fold.Train));
            return Expect(settings, streams.Sum(stream => (double)own.StreamSteps(Fold.Train, stream)), own.Window, own.Outputs);
        }

        if (task is ISeriesTask series)
            return Expect(settings, (double)series.UpdatesPerEpoch(1) * series.Window, series.Window, series.Outputs);
        double steps = (settings.Length.Minimum + settings.Length.Maximum) / 2.0, rows = task.WholeSet ?? o.BatchSize;
        double inputs = task.Encoding == InputEncoding.Dense ? task.Inputs : 0; // one-hot inputs are a look-up
        double outputs = task.Head.IsEveryStep() ? task.Outputs : 0;
        double weights = Weights(task, o, inputs, outputs);
        double update = rows * steps * 6 * weights;
        double evaluated = task.WholeSet ?? o.ValidationSequences;
        double check = evaluated * steps * 2 * weights / o.CheckEvery;
        double seconds = o.MaximumUpdates * (((update + check) / OperationsPerSecond) + (SecondsPerStep * steps));
        return o.MaximumMinutes is { } minutes ? Math.Min(seconds, minutes * 60) : seconds;
    }

    private static double Expect(TrainSettings settings, double steps, int window, double outputs)
    {
        TrainingOptions o = settings.Options;
        double epochs = o.MaximumEpochs ?? double.PositiveInfinity;
        double total = Math.Min(steps * epochs, (double)o.MaximumUpdates * o.BatchSize * window);
        double seconds = total * 7 * Weights(settings.Sketch(), o, 0, outputs) / OperationsPerSecond * 2;
        return o.MaximumMinutes is { } minutes ? Math.Min(seconds, minutes * 60) : seconds;
    }

    /// <summary>The weights that every step multiplies, of all layers and the head, with so many inputs and outputs.</summary>
    private static double Weights(ITask task, TrainingOptions o, double inputs, double outputs)
    {
        NetworkShape shape = OptionsRules.ShapeOf(task, o);
        double weights = shape.Hidden * outputs;
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            LayerShape layer = shape.Layers[k];
            double read = k == 0 ? inputs : shape.InputsOf(k);
            weights += layer.Definition.Layout.Gates * layer.Hidden * (layer.Hidden + read);
        }

        return weights;
    }
}
