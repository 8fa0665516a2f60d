using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Analysis;
using Unroll.Files;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>Where events go.</summary>
/// <param name="Folder">The folder in which each run has its own.</param>
/// <param name="Now">The time, seconds since 1970.</param>
internal sealed record EventsTo(string Folder, Func<double> Now);

/// <summary>
/// What TensorBoard shows of a run: every number of its progress as a scalar, histograms of each parameter and of ||dE/dh_t|| by
/// lag, and its options as a text. It changes no bit of the run.
/// </summary>
internal sealed class RunEvents : IDisposable
{
    /// <summary>Where a norm of 0 is in a histogram of logarithms.</summary>
    public const double LogarithmOfZero = -50;

    private const int Buckets = 30, MostRows = 20, CostsPerSequence = 8;
    private readonly TrainSettings _settings;
    private readonly Trainer _trainer;
    private readonly EventFile _file;
    private readonly Func<double> _now;
    private readonly long _wasCheckedAt;

    /// <summary>Begins the events of a run, or goes on with them.</summary>
    /// <param name="folder">The folder of its one event file.</param>
    /// <param name="settings">The run's settings.</param>
    /// <param name="trainer">What trains it.</param>
    /// <param name="resumedAt">The last check that is kept; null for a new run.</param>
    /// <param name="now">The time, seconds since 1970.</param>
    public RunEvents(string folder, TrainSettings settings, Trainer trainer, long? resumedAt, Func<double> now)
    {
        (_settings, _trainer, _now, _wasCheckedAt) = (settings, trainer, now, resumedAt ?? 0);
        _file = EventFile.Open(folder, resumedAt, now());
        if (_file.IsNew) _file.Append(Event(0, Text("options", Options())));
    }

    /// <summary>Appends a check; one that is repeated at a resume has its events.</summary>
    public void Append(TrainingProgress progress)
    {
        if (progress.Update <= _wasCheckedAt) return;
        var values = new List<EventMessage>();
        using (JsonDocument line = JsonDocument.Parse(ProgressJson.Line(progress)))
        {
            foreach (JsonProperty one in line.RootElement.EnumerateObject())
            {
                if (one.Value.ValueKind == JsonValueKind.Number && one.Name != "update")
                    values.Add(new EventMessage().Text(1, one.Name).Float(2, (float)one.Value.GetDouble()));
            }
        }

        Network<double> network = _trainer.LastNetwork<double>();
        bool finite = true;
        foreach (double weight in network.Parameters) finite &= double.IsFinite(weight);
        if (finite)
        {
            foreach (ParameterBlock block in network.Blocks)
                values.Add(Histogram($"weights/{block.Name}", network.Parameters.Slice(block.Offset, block.Length)));
            AddSignals(network, values);
        }

        _file.Append(Event(progress.Update, [.. values]));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>log10 ||dE/dh_{t-lag}|| of the sequences of a fresh batch, at lags 0, 1, 2, 4, 8, ...</summary>
    private void AddSignals(Network<double> network, List<EventMessage> values)
    {
        Batch batch = Batch.For(_trainer.Task);
        _trainer.Task.Fill(batch, _trainer.Task.WholeSet ?? Math.Min(_trainer.Rows, MostRows),
            GradientDiagnosis.BatchKey(_settings.Options.Seed, 0));
        using var unrolled = new UnrolledNetwork<double>(network, 1);
        unrolled.Forward(batch, _settings.Options.Reduction ?? _trainer.Task.Reduction);
        unrolled.Backward();
        double[][] curves = [.. TemporalComponents.Measure(unrolled, CostSteps.Spread(CostsPerSequence)).CurvesBySequence()];
        int longest = curves.Length == 0 ? 0 : curves.Max(curve => curve.Length);
        for (int lag = 0; lag < longest; lag = lag == 0 ? 1 : 2 * lag)
        {
            double[] logarithms = [.. curves.Where(curve => curve.Length > lag && double.IsFinite(curve[lag]))
                .Select(curve => curve[lag] > 0 ? Math.Log10(curve[lag]) : LogarithmOfZero)];
            if (logarithms.Length > 0) values.Add(Histogram(Invariant($"log10_dE_dh/lag_{lag:d5}"), logarithms));
        }
    }

    private EventMessage Event(long step, params ReadOnlySpan<EventMessage> values)
    {
        var summary = new EventMessage();
        foreach (EventMessage value in values) summary.Message(1, value);
        var message = new EventMessage().Double(1, _now());
        return (step == 0 ? message : message.Whole(2, step)).Message(5, summary);
    }

    /// <summary>A histogram of equal buckets between the least and the largest value.</summary>
    private static EventMessage Histogram(string tag, ReadOnlySpan<double> values)
    {
        double least = double.PositiveInfinity, most = double.NegativeInfinity, sum = 0, squares = 0;
        foreach (double value in values)
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
            sum += value;
            squares += value * value;
        }

        int count = least < most ? Buckets : 1;
        double width = (most - least) / count;
        double[] limits = [.. Enumerable.Range(1, count).Select(i => i == count ? most : least + (i * width))],
            counts = new double[count];
        foreach (double value in values) counts[width > 0 ? Math.Clamp((int)((value - least) / width), 0, count - 1) : 0]++;
        EventMessage histogram = new EventMessage().Double(1, least).Double(2, most).Double(3, values.Length).Double(4, sum)
            .Double(5, squares).Doubles(6, limits).Doubles(7, counts);
        return new EventMessage().Text(1, tag).Message(5, histogram);
    }

    /// <summary>A tensor of one text, for the plugin of texts.</summary>
    private static EventMessage Text(string tag, string text)
    {
        const int TextType = 7;
        EventMessage plugin = new EventMessage().Message(1, new EventMessage().Text(1, "text"));
        EventMessage shape = new EventMessage().Message(2, new EventMessage().Whole(1, 1));
        EventMessage tensor = new EventMessage().Whole(1, TextType).Message(2, shape).Text(8, text);
        return new EventMessage().Text(1, tag).Message(8, tensor).Message(9, plugin);
    }

    /// <summary>The task and all options, a table of Markdown.</summary>
    private string Options()
    {
        var text = new StringBuilder("| option | value |\n|---|---|\n");
        foreach ((string name, string value) in _settings.TaskProperties()) Row(name, value);
        Row("recipe", _settings.Recipe);
        foreach ((string name, string value) in OptionsText.ToProperties(_settings.Options)) Row(name, value);
        return text.ToString();

        void Row(string name, string value)
        {
            string cell = Printable.Line(value).Replace("|", "\\|", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {cell} |\n");
        }
    }
}
