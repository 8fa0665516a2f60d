using System.Diagnostics.CodeAnalysis;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// The settings of a stored trial, read from its resolved options. The grid of its study would not do: a recipe may have other
/// values today.
/// </summary>
internal static class StoredSettings
{
    /// <summary>Reads them, unless the trial cannot be run again from them alone.</summary>
    /// <param name="stored">The trial.</param>
    /// <param name="trial">The trial to run; null when there is a reason against it.</param>
    /// <param name="reason">Why it cannot be run again; null when it can.</param>
    public static bool TryRead(StoredTrial stored, [NotNullWhen(true)] out Trial? trial, [NotNullWhen(false)] out string? reason)
    {
        (trial, reason) = (null, null);
        IReadOnlyDictionary<string, string> options = stored.Options;
        if (options.ContainsKey(OwnTask.VersionKey)) reason = "its task is that of a program";
        else if (SeriesSettings.Tasks.Contains(options["task"])) reason = "it was trained on data of its own";
        else if (options.GetValueOrDefault("minutes", "none") != "none") reason = "the clock ended it (--minutes)";
        if (reason is not null) return false;
        try
        {
            trial = new Trial(stored.Position, [.. StudySummary.Choices(stored.Name)], Read(options));
        }
        catch (Exception error) when (error is UserError or ArgumentException or FormatException or OverflowException
            or KeyNotFoundException)
        {
            reason = $"its options are not those of a run of today ({UserError.From(error).Message.TrimEnd('.')})";
            return false;
        }

        if (trial.Hash == stored.Hash) return true;
        (trial, reason) = (null, "its options are not those that its identity was computed from");
        return false;
    }

    private static TrainSettings Read(IReadOnlyDictionary<string, string> options)
    {
        string task = TaskCatalogue.Resolve(options["task"]), recipe = options.GetValueOrDefault("recipe", "");
        TrainingOptions read = OptionsText.FromProperties(options);
        if (CorpusKind.Find(task) is { } kind)
        {
            return new TrainSettings(task, default, TaskVariant.Code, recipe, read)
            {
                Corpus = CorpusSettings.FromProperties(kind, name => options.GetValueOrDefault(name)),
            };
        }

        return new TrainSettings(task, Values.Length("length", options["length"]),
            Values.Choice("variant", options["variant"], Values.Named<TaskVariant>()), recipe, read);
    }
}
