namespace Unroll.Data;

/// <summary>A file of a folder that is no part of the corpus that was read from it.</summary>
/// <param name="Name">Its path within the folder, with slashes.</param>
/// <param name="Reason">Why, in words that go on after its name, such as "has no note of a piano".</param>
public sealed record LeftOutFile(string Name, string Reason);
