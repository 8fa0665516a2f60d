using System.Globalization;
using System.Numerics;
using System.Threading.Channels;
using Unroll.Cli.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Predict;

/// <summary>
/// <c>unroll predict --stream</c>: a table on standard input whose rows are answered as they arrive. A forecast follows each row
/// of a sequence of which a window is known, a tag each row; a class or a number follows the last row of its sequence, which is
/// in front of another group, an empty line or the end. What is kept is a window, a state or a sequence for each group.
/// </summary>
internal static class SeriesStreaming
{
    /// <summary>Answers rows until there are no more.</summary>
    /// <param name="source">The model.</param>
    /// <param name="model">How its data are read.</param>
    /// <param name="lines">The lines that arrive.</param>
    /// <param name="json">Whether an object an answer is written in the place of rows.</param>
    /// <param name="host">Where to.</param>
    /// <exception cref="UserError">A row cannot be read; those before it were answered.</exception>
    public static int Run(ModelSource source, SeriesModel model, Channel<string> lines, bool json, CommandHost host)
    {
        if (source.Info.Precision == Precision.Double) Run(source.Load<double>(), model, lines, json, host);
        else Run(source.Load<float>(), model, lines, json, host);
        return ExitCode.Success;
    }

    private static void Run<T>(Network<T> network, SeriesModel model, Channel<string> lines, bool json, CommandHost host)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using SeriesStream<T> stream = Open(network, model.Codec);
        var answers = new Answers<T>(stream, model, json, host);
        while (lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            try
            {
                while (lines.Reader.TryRead(out string? line)) answers.Read(line);
            }
            finally
            {
                host.Out.Flush(); // nothing waits for a row that has not come
            }
        }

        answers.End();
        host.Out.Flush();
    }

    private static SeriesStream<T> Open<T>(Network<T> network, SeriesCodec codec)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        try
        {
            return new SeriesStream<T>(network, codec);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    /// <summary>The sequences of a stream so far.</summary>
    private sealed class Answers<T>(SeriesStream<T> stream, SeriesModel model, bool json, CommandHost host)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly SeriesKind _kind = model.Codec.Kind;
        private readonly double[] _prediction = new double[model.Codec.Width];
        private readonly Dictionary<string, Known> _groups = new(StringComparer.Ordinal);
        private StreamTable? _table;
        private SeriesWriter? _writer;
        private (string Name, Known Known)? _open; // the sequence whose end is waited for
        private long _line, _rows, _sequences;

        private bool IsWhole => _kind is SeriesKind.Classify or SeriesKind.Regress;

        public void Read(string text)
        {
            _line++;
            if (_line == 1) text = text.TrimStart('\uFEFF');
            if (string.IsNullOrWhiteSpace(text))
            {
                Finish();
                return;
            }

            if (_table is null)
            {
                if (text.StartsWith('#')) return;
                _table = new StreamTable(model, text);
                if (!_table.FirstIsRow) return;
            }

            StreamRow row = _table.Read(text, ++_rows, _line);
            if (_writer is null) Begin();
            string name = row.Group ?? "";
            if (IsWhole && (_open is not { } open || open.Name != name))
            {
                Finish();
                _open = (name, New(name));
            }

            Known known = _open is { } current ? current.Known : _groups.TryGetValue(name, out Known? old) ? old : Add(name);
            Answer(row, known, name);
        }

        /// <summary>No more rows come.</summary>
        public void End()
        {
            if (_table is null)
                throw new UserError("Standard input is empty; give it a table with the names of columns in its first row.");
            Finish();
        }

        private void Begin()
        {
            model.SayNewColumns(_table!.DataNames, host);
            string? group = model.Settings.Texts.GetValueOrDefault("group") ?? (IsWhole ? "sequence" : null);
            string? time = !_table.HasTimes ? null
                : model.Settings.Texts.GetValueOrDefault("time") is { Length: > 0 } named ? named : "time";
            _writer = new SeriesWriter(model.Codec, host.Out, json)
            {
                Group = group,
                Time = _kind is SeriesKind.Tag or SeriesKind.Forecast ? time : null,
                After = _kind == SeriesKind.Forecast ? "after" : null,
            };
            _writer.Begin();
        }

        private void Answer(StreamRow row, Known known, string name)
        {
            if (row.Order < known.Order)
                throw new UserError(
                    $"Standard input has the time {row.Time} in {Place()}, before {known.Time} of the row in front of it"
                        + $"{(name.Length > 0 ? $" in '{name}'" : "")}; rows of a stream come in order of time.");
            (known.Order, known.Time) = (row.Order, row.Time);
            if (_kind == SeriesKind.Forecast) known.Times.Add(row);
            bool answered;
            try
            {
                answered = stream.Step(known.State, row.Values, _prediction, row.Date);
            }
            catch (ArgumentException error)
            {
                throw new UserError($"Standard input cannot be read in {Place()}: {error.Message}");
            }

            if (!answered) return;
            string when = row.Time ?? known.State.Steps.ToString(CultureInfo.InvariantCulture);
            if (_kind == SeriesKind.Tag)
            {
                _writer!.Write(Shown(name), _ => when, _prediction, known.State.Steps);
                return;
            }

            StreamForecastTimes times = known.Times.Ahead();
            _writer!.Write(Shown(name), times.Of, _prediction, after: when);

            static string Shown(string name) => name.Length > 0 ? name : "1";
        }

        private void Finish()
        {
            if (_open is not { } open) return;
            _open = null;
            if (!stream.Finish(open.Known.State, _prediction)) return;
            string name = open.Name.Length > 0 ? open.Name : (++_sequences).ToString(CultureInfo.InvariantCulture);
            _writer!.Write(name, _ => "", _prediction);
        }

        private string Place() => FormattableString.Invariant($"row {_rows} (line {_line})");

        private Known New(string name) => new(stream.Start(name), model.Codec.Options.Window);

        private Known Add(string name)
        {
            Known known = New(name);
            _groups.Add(name, known);
            if (model.Codec.Encoder.GroupScales is { Count: > 0 } scales && !scales.ContainsKey(name))
                SeriesModel.SayUnknownGroups([name.Length > 0 ? name : "(none)"], host);
            return known;
        }

        private sealed class Known(SeriesStreamState state, int window)
        {
            public StreamTimes Times { get; } = new(window);

            public SeriesStreamState State { get; } = state;

            public double Order { get; set; } = double.NegativeInfinity;

            public string? Time { get; set; }
        }
    }
}
