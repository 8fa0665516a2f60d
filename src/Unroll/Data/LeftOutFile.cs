namespace Unroll.Data;

/// <summary>A file of a folder that was left out of the corpus read from the folder.</summary>
/// <param name="Name">Its path within the folder, with slashes.</param>
/// <param name="Reason">Why, as words that follow the name in a sentence, such as "has no note of a piano".</param>
public sealed record LeftOutFile(string Name, string Reason);
