using Unroll.Tests;

namespace Unroll.Studies.Tests;

/// <summary>Freezes the public surface, and what the library leans on: no terminal, no figures.</summary>
public static class PublicApiTests
{
    [Fact]
    public static void The_public_surface_is_the_committed_one() =>
        PublicApiFile.Check(typeof(Study).Assembly, typeof(PublicApiTests));

    [Fact]
    public static void It_has_no_terminal_and_draws_no_figures()
    {
        string[] used = [.. typeof(Study).Assembly.GetReferencedAssemblies().Select(name => name.Name!)];
        Assert.Contains("Microsoft.Data.Sqlite", used);
        string[] others = ["System.Console", "Spectre.Console", "System.CommandLine", "ScottPlot", "SkiaSharp", "Unroll.Cli"];
        Assert.Empty(used.Intersect(others));
        string[] ofUnroll = [.. typeof(Network<float>).Assembly.GetReferencedAssemblies().Select(name => name.Name!)];
        Assert.All(ofUnroll, name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal), $"Unroll uses {name}."));
    }
}
