using System.Text.Json;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>What a diagnosis advises, as it is printed and as the page has it.</summary>
internal static class AdviceText
{
    /// <summary>Requires that each advice is said, with its reason and its section, in the text and on the page.</summary>
    /// <param name="advice">The advice of <c>--json</c>.</param>
    /// <param name="text">What the command printed.</param>
    /// <param name="page">The page that it wrote.</param>
    public static void RequireEverywhere(JsonElement[] advice, string text, string page)
    {
        foreach (JsonElement one in advice)
        {
            Assert.Contains(
                $"{one.GetProperty("text").GetString()}: {one.GetProperty("because").GetString()} "
                    + $"({one.GetProperty("section").GetString()})", text);
            Assert.Contains(JsonSerializer.Serialize(one.GetProperty("text").GetString()), page);
        }
    }
}
