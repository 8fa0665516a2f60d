using System.Globalization;
using System.Text;

namespace Unroll.Cli.Tests.Watch;

/// <summary>Folders of runs for tests: real ones, and ones of as many checks as a test wants.</summary>
internal static class Runs
{
    /// <summary>A short run of temporal order.</summary>
    public static string Trained(TempFolder folder, string name, params string[] more)
    {
        string path = folder.At(name);
        CliResult run = Cli.Run(["train", .. Cli.Small, "--updates", "100", "--out", path, .. more]);
        Assert.True(run.Code is ExitCode.Success or ExitCode.Unsolved, run.Error);
        return path;
    }

    /// <summary>A folder with a run.json as this program writes it, and so many checks, one every ten updates.</summary>
    public static string Synthetic(TempFolder folder, string name, int checks, Func<int, double>? error = null)
    {
        string path = folder.At(name);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "run.json"), Record);
        using var metrics = new StreamWriter(Path.Combine(path, "metrics.jsonl")) { NewLine = "\n" };
        for (int i = 1; i <= checks; i++) metrics.WriteLine(Line(i * 10L, error?.Invoke(i)));
        return path;
    }

    /// <summary>A line of metrics.</summary>
    public static string Line(long update, double? error = null)
    {
        double wave = Math.Sin(update / 1000.0);
        double wrong = error ?? Math.Max(0.02, 0.7 - (update * 1e-6)) + (0.01 * wave);
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"event":"progress","update":{{update}},"loss":{{1.2 + (0.1 * wave)}},"loss_unit":"nats","error":{{wrong}},""")
            + string.Create(CultureInfo.InvariantCulture,
            $$""" "gradient_norm":{{2 + wave}},"clip_rate":0.4,"omega":0.3,"omega_kept":0.8,""")
            + string.Create(CultureInfo.InvariantCulture,
            $$""" "spectral_radius":{{1.1 + (0.1 * wave)}},""")
            + string.Create(CultureInfo.InvariantCulture,
            $$""" "updates_per_second":500.5,"seconds":{{update / 500.0}},"validation_loss":{{1.3 + (0.2 * wave)}},""")
            + """ "strict_error":null,"selection_error":null,"largest_singular_value":1.3,"learning_rate":0.01,"""
            + """ "longest_length":50,"non_finite":0}""";
    }

    /// <summary>A line of what is recorded beside the checks.</summary>
    public static string Moment(long update, string example = """{"kind":"text","title":"t","text":"abc"}""") =>
        $$"""{"update":{{update}},"clipped_norm":0.9,"verdict":"vanishing","lag":40,"bin":2,"""
        + $$""" "lags":[0,-1.5,-3,-9.25],"example":{{example}}}""";

    /// <summary>Adds text to a file of a folder.</summary>
    public static void Append(string folder, string file, string text) =>
        File.AppendAllText(Path.Combine(folder, file), text, new UTF8Encoding(false));

    private const string Record = """
        {
          "format": 1,
          "command": "train",
          "version": "0.1.0",
          "task": "temporal-order",
          "length": "50..200",
          "variant": "code",
          "recipe": "best",
          "method": "sgd-cr",
          "options": {
            "hidden": "50",
            "lr": "0.02",
            "omega": "2",
            "clip-mode": "norm",
            "clip": "1",
            "updates": "2000000"
          },
          "network": { "inputs": 6, "hidden": 50, "outputs": 4, "head": "softmax-last", "parameters": 3054 },
          "instruction_set": "avx2",
          "machine": { "system": "Linux", "architecture": "x64", "runtime": ".NET", "cores": 2 }
        }
        """;
}
