namespace Unroll.Cli.Settings;

/// <summary>The groups of the options of <c>unroll train</c>, and the dozen that the short help has.</summary>
internal static class TrainOptionGroups
{
    public const string Task = "task", Network = "network", Remedies = "remedies", Optimizer = "optimizer", Data = "data",
        Budget = "budget", Output = "output";

    private static readonly Dictionary<string, string[]> Members = new()
    {
        [Network] = ["--cell", "--layers", "--stack", "--hidden", "--activation", "--leak", "--train-leak", "--forget-bias", "--chrono",
            "--init", "--init-block", "--no-bias", "--learn-initial-state", "--frozen", "--precision"],
        [Remedies] = ["--clip", "--clip-mode", "--omega", "--omega-form", "--omega-schedule", "--on-nonfinite", "--rescue", "--dropout",
            "--input-dropout", "--output-dropout", "--weight-noise", "--state-noise", "--weight-decay", "--l1", "--l2",
            "--gradient-noise", "--gradient-noise-decay"],
        [Optimizer] = ["--optimizer", "--lr", "--lr-schedule", "--plateau-checks", "--momentum", "--averaging"],
        [Data] = ["--cost", "--batch", "--curriculum", "--seed"],
        [Budget] = ["--updates", "--epochs", "--minutes", "--stop", "--patience", "--check-every", "--validation", "--select-length",
            "--threads"],
    };

    private static readonly string[] Short = ["--cell", "--hidden", "--clip", "--omega", "--lr", "--updates", "--seed"];

    public static string Of(string option) => Members.First(group => group.Value.Contains(option)).Key;

    public static bool IsUsual(string option) => Short.Contains(option);
}
