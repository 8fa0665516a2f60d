using System.Text;
using System.Text.Json;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>The lines of <c>metrics.jsonl</c> as a table, <c>metrics.csv</c>: made of them at the beginning, and a row a
/// check.</summary>
internal sealed class MetricsCsv
{
    /// <summary>The file in a run's folder.</summary>
    public const string Name = "metrics.csv";

    private readonly string _path;
    private readonly StringBuilder _text = new();

    /// <summary>Begins the table with the checks that the run keeps.</summary>
    /// <param name="folder">The run's folder, after its metrics were cut.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public MetricsCsv(RunFolder folder)
    {
        _path = PathIn(folder.Path);
        _text.AppendJoin(',', Columns).Append('\n');
        if (File.Exists(folder.MetricsPath))
        {
            foreach (string line in File.ReadLines(folder.MetricsPath)) Add(line);
        }

        Write();
    }

    /// <summary>The columns: the keys of a progress object, those that only some runs have included.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "update", "loss", "loss_unit", "error", "gradient_norm", "clip_rate", "omega", "omega_kept", "spectral_radius",
        "updates_per_second", "seconds", "validation_loss", "strict_error", "selection_error", "largest_singular_value",
        "learning_rate", "longest_length", "non_finite", "epoch", "damping", "clip_threshold", "rescues", "radius_below_1_since",
        "selection_cost",
    ];

    /// <summary>The table of a folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <summary>Adds a check, and replaces the file as a whole.</summary>
    public void Append(TrainingProgress progress)
    {
        Add(Encoding.UTF8.GetString(ProgressJson.Line(progress)));
        Write();
    }

    private void Add(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        _text.AppendJoin(',', Columns.Select(column => document.RootElement.TryGetProperty(column, out JsonElement value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Null ? ""
                : value.GetRawText()
            : "")).Append('\n');
    }

    private void Write() => AtomicFile.Write(_path, Encoding.UTF8.GetBytes(_text.ToString()));
}
