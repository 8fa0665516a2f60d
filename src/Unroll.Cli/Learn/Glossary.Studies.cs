namespace Unroll.Cli.Learn;

/// <content>Grids of runs, and what stands in files.</content>
internal static partial class Glossary
{
    private const string StudiesPage = "studies.md", Reliability = "reliability.md";

    private static IEnumerable<Term> OfStudies() =>
    [
        Of("study", "grid; axis",
            "A grid of runs: every combination of the values that were given.", StudiesPage),
        Of("trial", "job; shard",
            "One run of a study. Jobs run at once on one machine, shards on several.", StudiesPage),
        Of("store", "study.db",
            "The file with the results of a study; it survives kills and can be merged with others.", StudiesPage),
        Of("interval", "95% interval; Wilson",
            "Where the true rate lies in 95 of 100 such studies (Wilson's interval for shares).", StudiesPage),
        Of("p", "p-value; p by cluster",
            "How probable a difference at least as large would be by chance alone. By cluster: runs of one start and seed "
            + "count as one.", StudiesPage),
        Of("sustained", "",
            "Solved at three checks in a row, not at one.", StudiesPage),
        Of("smoke", "laptop; --scale smoke; --scale laptop",
            "How large a reproduction is: two minutes, a night on two cores, or as in the paper.", "reproducing.md"),
        Of("checkpoint", "--resume; checkpoint.safetensors",
            "All that is needed to continue a run bit for bit.", Reliability),
        Of("best model", "best.safetensors; model.safetensors",
            "The weights of the check with the least error; model.safetensors has the last ones.", Reliability),
        Of("metrics", "metrics.jsonl; event; progress; result",
            "One JSON object a line for every check of a run.", Updates),
        Of("state_dict", "safetensors; .pt",
            "Weights by name, as PyTorch saves them.", "interop.md"),
        Of("probe", "recommended",
            "A few hundred updates without clipping, from whose norms a threshold is recommended.", Diagnosis),
    ];
}
