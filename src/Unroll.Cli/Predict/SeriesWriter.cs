using System.Globalization;
using System.Text;
using Unroll.Tasks;

namespace Unroll.Cli.Predict;

/// <summary>Writes predictions of sequences: a table with a comma between cells, or a JSON object a sequence.</summary>
internal sealed class SeriesWriter
{
    private readonly SeriesCodec _codec;
    private readonly TextWriter _output;
    private readonly bool _json;

    /// <summary>A writer.</summary>
    /// <param name="codec">What is predicted.</param>
    /// <param name="output">Where to.</param>
    /// <param name="json">Whether objects are written in the place of a table.</param>
    public SeriesWriter(SeriesCodec codec, TextWriter output, bool json) => (_codec, _output, _json) = (codec, output, json);

    /// <summary>The heading of the column of sequences; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>The heading of the column of times; null where they are not known.</summary>
    public string? Time { get; init; }

    /// <summary>The heading of the column that says after which row a forecast was made; null for none.</summary>
    public string? After { get; init; }

    /// <summary>The first row of a table.</summary>
    public void Begin()
    {
        if (_json) return;
        var cells = new List<string>();
        if (Group is not null) cells.Add(Group);
        if (_codec.Kind is SeriesKind.Forecast or SeriesKind.Tag)
        {
            if (After is not null) cells.Add(After);
            if (Time is not null) cells.Add(Time);
            cells.Add("step");
        }

        int before = cells.Count;
        if (_codec.Kind == SeriesKind.Forecast) cells.AddRange(_codec.Targets.SelectMany(ByLevel));
        else if (_codec.Labels.Count == 0) cells.AddRange(ByLevel(OneName("prediction")));
        else
        {
            cells.Add(OneName("class"));
            cells.AddRange(_codec.Labels.Select(label => $"p({label})"));
        }

        for (int i = 0; i < before; i++)
        {
            while (cells.LastIndexOf(cells[i]) != i) cells[i] = $"forecast {cells[i]}";
        }

        Row(cells);

        string OneName(string otherwise) => _codec.Kind == SeriesKind.Tag ? _codec.Targets[0] : otherwise;
    }

    /// <summary>Writes a prediction.</summary>
    /// <param name="name">The name of its sequence.</param>
    /// <param name="times">The time of each of its steps; nothing where that is not known.</param>
    /// <param name="values">What was predicted.</param>
    /// <param name="first">The number of its first step.</param>
    /// <param name="after">The row after which it was made.</param>
    public void Write(string name, Func<int, string> times, ReadOnlySpan<double> values, long first = 1, string after = "")
    {
        if (_json) WriteJson(name, times, values, after);
        else WriteRows(name, times, values, first, after);
    }

    private void WriteRows(string name, Func<int, string> times, ReadOnlySpan<double> values, long first, string after)
    {
        int width = _codec.Kind == SeriesKind.Forecast ? _codec.Targets.Count * _codec.Levels : _codec.Width;
        for (int i = 0; i * width < values.Length; i++)
        {
            var cells = new List<string>();
            if (Group is not null) cells.Add(name);
            if (_codec.Kind is SeriesKind.Forecast or SeriesKind.Tag)
            {
                if (After is not null) cells.Add(after);
                if (Time is not null) cells.Add(times(i));
                cells.Add((first + i).ToString(CultureInfo.InvariantCulture));
            }

            ReadOnlySpan<double> own = values.Slice(i * width, width);
            if (_codec.Labels.Count > 0) cells.Add(Label(own));
            foreach (double value in own) cells.Add(Number(value));
            Row(cells);
        }
    }

    private void WriteJson(string name, Func<int, string> times, ReadOnlySpan<double> values, string after)
    {
        double[] all = values.ToArray();
        int targets = _codec.Targets.Count, width = _codec.Width, levels = _codec.Levels;
        JsonLine.Write(_output, json =>
        {
            json.WriteString("sequence", name);
            if (After is not null) json.WriteString("after", after);
            if (_codec.Kind == SeriesKind.Forecast)
            {
                int steps = all.Length / targets / levels;
                if (Time is not null && times(0).Length > 0) Texts("times", Enumerable.Range(0, steps).Select(times));
                json.WriteStartObject("forecast");
                for (int k = 0; k < targets; k++) Numbers(_codec.Targets[k], Column(k, _codec.PointLevel));
                json.WriteEndObject();
                if (_codec.Quantiles is null) return;
                json.WriteStartObject("quantiles");
                for (int k = 0; k < targets; k++)
                {
                    json.WriteStartObject(_codec.Targets[k]);
                    for (int q = 0; q < levels; q++) Numbers(Level(q), Column(k, q));
                    json.WriteEndObject();
                }

                json.WriteEndObject();
                return;

                IEnumerable<double> Column(int k, int q) =>
                    Enumerable.Range(0, steps).Select(h => all[(((h * targets) + k) * levels) + q]);
            }

            if (_codec.Labels.Count == 0)
            {
                if (_codec.Kind == SeriesKind.Tag) Numbers("predictions", OfLevel(_codec.PointLevel));
                else json.WriteNumber("prediction", Rounded(all[_codec.PointLevel]));
                if (_codec.Quantiles is null) return;
                json.WriteStartObject("quantiles");
                for (int q = 0; q < levels; q++)
                {
                    if (_codec.Kind == SeriesKind.Tag) Numbers(Level(q), OfLevel(q));
                    else json.WriteNumber(Level(q), Rounded(all[q]));
                }

                json.WriteEndObject();
                return;

                IEnumerable<double> OfLevel(int level) => all.Where((_, i) => i % levels == level);
            }

            if (_codec.Kind == SeriesKind.Tag) Texts("classes", Enumerable.Range(0, all.Length / width).Select(t =>
                Label(all.AsSpan(t * width, width))));
            else json.WriteString("class", Label(all));
            json.WriteStartObject("probabilities");
            for (int k = 0; k < width; k++)
            {
                if (_codec.Kind == SeriesKind.Tag)
                    Numbers(_codec.Labels[k], Enumerable.Range(0, all.Length / width).Select(t => all[(t * width) + k]));
                else json.WriteNumber(_codec.Labels[k], Rounded(all[k]));
            }

            json.WriteEndObject();

            void Numbers(string name, IEnumerable<double> some)
            {
                json.WriteStartArray(name);
                foreach (double value in some) json.WriteNumberValue(Rounded(value));
                json.WriteEndArray();
            }

            void Texts(string name, IEnumerable<string> some)
            {
                json.WriteStartArray(name);
                foreach (string text in some) json.WriteStringValue(text);
                json.WriteEndArray();
            }
        });
    }

    /// <summary>The headings of a number: itself, or its quantiles, such as <c>power(0.1)</c>.</summary>
    private IEnumerable<string> ByLevel(string name) =>
        _codec.Quantiles is null ? [name] : Enumerable.Range(0, _codec.Levels).Select(q => $"{name}({Level(q)})");

    private string Level(int q) => _codec.Quantiles![q].ToString("R", CultureInfo.InvariantCulture);

    private string Label(ReadOnlySpan<double> probabilities)
    {
        int best = 0;
        for (int k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[best]) best = k;
        }

        return _codec.Labels[best];
    }

    /// <summary>The network computes in 32 bits: more digits than these say nothing.</summary>
    private static double Rounded(double value) => double.Parse(Number(value), CultureInfo.InvariantCulture);

    private static string Number(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture);

    private void Row(List<string> cells)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Count; i++)
        {
            if (i > 0) line.Append(',');
            string cell = cells[i];
            if (cell.AsSpan().IndexOfAny(",\"\r\n") < 0) line.Append(cell);
            else line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        _output.WriteLine(line);
    }
}
