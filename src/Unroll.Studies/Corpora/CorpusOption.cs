namespace Unroll.Studies.Corpora;

/// <summary>One option that says what a corpus task trains on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What stands for its value in the help; empty for a flag, whose values are true and false.</param>
/// <param name="Description">What it is.</param>
/// <param name="Task">The task that it is for; empty for both.</param>
/// <param name="Parse">Turns the text given into a change of the settings; throws <see cref="UserError"/>.</param>
internal sealed record CorpusOption(string Name, string Value, string Description, string Task, Func<string, Func<CorpusSettings,
    CorpusSettings>> Parse)
{
    /// <summary>A flag has no value on the command line.</summary>
    public bool IsFlag => Value.Length == 0;
}
