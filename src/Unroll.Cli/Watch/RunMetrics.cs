using System.Collections.Immutable;
using System.Text.Json;

namespace Unroll.Cli.Watch;

/// <summary>
/// The checks of a run by column, from the lines of <c>metrics.jsonl</c>. The lines are somebody else's text: what is no check
/// is counted and left out, and there are at most <see cref="MostRows"/> rows. Not for several threads at once.
/// </summary>
internal sealed class RunMetrics
{
    /// <summary>The most rows that are kept; a run with more keeps every second one, again and again.</summary>
    public const int MostRows = 400_000;

    /// <summary>The longest line that is read, in bytes.</summary>
    public const int LongestLine = 1 << 16;

    private const double MostUpdates = 9e15; // beyond it a double has gaps

    private readonly List<double> _updates = [];
    private readonly List<long> _lines = [];
    private readonly List<float>[] _values = [.. Columns.Select(_ => new List<float>())];

    /// <summary>The columns that a page shows, without the update.</summary>
    public static ImmutableArray<string> Columns { get; } =
    [
        "seconds", "loss", "validation_loss", "error", "strict_error", "selection_error", "gradient_norm", "clip_rate",
        "clip_threshold", "omega", "omega_kept", "spectral_radius", "largest_singular_value", "learning_rate", "damping",
        "longest_length", "updates_per_second", "epoch", "rescues", "non_finite", "selection_cost",
    ];

    private static readonly JsonEncodedText[] s_names = [.. Columns.Select(name => JsonEncodedText.Encode(name))];

    /// <summary>Rows.</summary>
    public int Count => _updates.Count;

    /// <summary>Lines that were read, those that are no check included.</summary>
    public long Lines { get; private set; }

    /// <summary>Lines that are no check.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The unit of the cost; null before a line says it.</summary>
    public string? LossUnit { get; private set; }

    /// <summary>The place of a column.</summary>
    public static int Column(string name) => Columns.IndexOf(name);

    /// <summary>The update of a row.</summary>
    public double Update(int row) => _updates[row];

    /// <summary>The number of the line of a row, from 1.</summary>
    public long Line(int row) => _lines[row];

    /// <summary>A value; NaN where the line has none.</summary>
    public float Value(int column, int row) => _values[column][row];

    /// <summary>A value of the last row; NaN where there is none.</summary>
    public double Last(string column) => Count == 0 ? double.NaN : _values[Column(column)][^1];

    /// <summary>The first row at or after an update.</summary>
    public int RowAt(double update)
    {
        int found = _updates.BinarySearch(update);
        return found < 0 ? ~found : found;
    }

    /// <summary>The first row behind a line.</summary>
    public int RowAfter(long line)
    {
        int found = _lines.BinarySearch(line + 1);
        return found < 0 ? ~found : found;
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line without its end.</param>
    public void Append(ReadOnlySpan<byte> line)
    {
        Lines++;
        Span<float> values = stackalloc float[Columns.Length];
        if (!TryRead(line, values, out double update) || (Count > 0 && update <= _updates[^1]))
        {
            LeftOut++;
            return;
        }

        if (Count == MostRows) Halve();
        _updates.Add(update);
        _lines.Add(Lines);
        for (int c = 0; c < _values.Length; c++) _values[c].Add(values[c]);
    }

    /// <summary>Counts a line that was too long to be read.</summary>
    public void Skip() => (Lines, LeftOut) = (Lines + 1, LeftOut + 1);

    /// <summary>Forgets everything, for a file that begins anew.</summary>
    public void Clear()
    {
        (Lines, LeftOut, LossUnit) = (0, 0, null);
        _updates.Clear();
        _lines.Clear();
        foreach (List<float> column in _values) column.Clear();
    }

    private bool TryRead(ReadOnlySpan<byte> line, Span<float> values, out double update)
    {
        values.Fill(float.NaN);
        update = -1;
        if (line.Length > LongestLine) return false;
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int column = -2;
                if (reader.ValueTextEquals("update"u8)) column = -1;
                else if (reader.ValueTextEquals("loss_unit"u8)) column = -3;
                for (int c = 0; column == -2 && c < s_names.Length; c++)
                {
                    if (reader.ValueTextEquals(s_names[c].EncodedUtf8Bytes)) column = c;
                }

                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value))
                {
                    if (column == -1) update = value;
                    else if (column >= 0) values[column] = (float)value;
                }
                else if (column == -3 && reader.TokenType == JsonTokenType.String)
                {
                    LossUnit ??= Bounded.Text(reader.GetString(), 40);
                }
                else
                {
                    reader.Skip();
                }
            }

            return reader.TokenType == JsonTokenType.EndObject && update is >= 0 and <= MostUpdates
                && update == Math.Floor(update);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Keeps the first row and every second one after it, the last one included.</summary>
    private void Halve()
    {
        Halve(_updates);
        Halve(_lines);
        foreach (List<float> column in _values) Halve(column);

        static void Halve<T>(List<T> values)
        {
            int kept = 1;
            for (int i = 1; i < values.Count; i++)
            {
                if (i % 2 == 1) values[kept++] = values[i];
            }

            values.RemoveRange(kept, values.Count - kept);
        }
    }
}
