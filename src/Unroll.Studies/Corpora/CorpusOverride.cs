namespace Unroll.Studies.Corpora;

/// <summary>One option about a corpus given on the command line, as a change to its settings.</summary>
/// <param name="Option">Which one.</param>
/// <param name="Apply">The change.</param>
internal sealed record CorpusOverride(CorpusOption Option, Func<CorpusSettings, CorpusSettings> Apply);
