using System.Numerics;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Predict;

/// <summary>The part of <c>unroll predict</c> that is for models of somebody's own sequences: a table with their columns, in any
/// order and in their own units, becomes a table of predictions.</summary>
internal static class SeriesPrediction
{
    /// <summary>Predicts and returns the exit code.</summary>
    /// <param name="source">The model.</param>
    /// <param name="model">How its data are read.</param>
    /// <param name="path">The file of the data; null for standard input.</param>
    /// <param name="threads">Worker threads.</param>
    /// <param name="json">Whether a JSON object a sequence is written in the place of a table.</param>
    /// <param name="host">Where to.</param>
    /// <exception cref="UserError">The data does not fit the model.</exception>
    public static int Run(ModelSource source, SeriesModel model, string? path, int threads, bool json, CommandHost host)
    {
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        try
        {
            SequenceData data = SeriesSource.ReadInputs(model.Settings, model.Codec, path, host,
                out IReadOnlyList<string> unread);
            foreach (string notice in data.Notices) host.Error.WriteLine($"unroll: {notice}");
            SeriesRows rows = model.Bind(data);
            model.SayNewColumns(unread, host);
            SeriesModel.SayUnknownGroups(rows.UnknownGroups, host);
            SequenceWindow[] windows = [.. Enumerable.Range(0, data.Count).Select(rows.Last)];
            var names = new SeriesNames(model, data);
            var writer = new SeriesWriter(model.Codec, host.Out, json) { Group = names.Group, Time = names.Time };
            writer.Begin();
            if (source.Info.Precision == Precision.Double)
                Run(source.Load<double>(), rows, windows, Write, threads, cancel.Token);
            else Run(source.Load<float>(), rows, windows, Write, threads, cancel.Token);
            return ExitCode.Success;

            void Write(SequenceWindow window, ReadOnlySpan<double> values)
            {
                Sequence sequence = data.Sequences[window.Sequence];
                writer.Write(SequenceEncoder.GroupOf(sequence), step => names.TimeOf(sequence, window, step), values);
            }
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static void Run<T>(Network<T> network, SeriesRows rows, SequenceWindow[] windows, SeriesHandler write, int threads,
        CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var predictor = new SeriesPredictor<T>(network, rows, threads);
        predictor.Run(windows, write, cancellation);
    }
}
