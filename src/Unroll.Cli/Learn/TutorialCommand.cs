using System.CommandLine;

namespace Unroll.Cli.Learn;

/// <summary>A page of the tutorial.</summary>
/// <param name="File">Its name in docs/tutorial.</param>
/// <param name="Title">What it is about.</param>
/// <param name="First">The command that it begins with.</param>
internal sealed record TutorialPage(string File, string Title, string First);

/// <summary><c>unroll tutorial</c>: the pages of the tutorial, and the command that each begins with.</summary>
internal static class TutorialCommand
{
    /// <summary>Where the pages are read when the repository is not at hand.</summary>
    private const string Folder = "docs/tutorial";

    /// <summary>The pages in their order.</summary>
    public static IReadOnlyList<TutorialPage> Pages { get; } =
    [
        new("1-gradient-through-time.md", "The gradient through time",
            "unroll tasks show temporal-order --length 20 --seed 1"),
        new("2-eigenvalues-and-bifurcations.md", "Eigenvalues and bifurcations",
            "unroll reproduce fig3 --scale smoke --out runs/figures"),
        new("3-clipping.md", "Clipping", "unroll reproduce fig6 --scale smoke --out runs/figures"),
        new("4-omega.md", "Omega",
            "unroll train --method sgd-r --init smart-tanh --length 200 --curriculum none --updates 200 --validation 200 "
            + "--out runs/omega"),
        new("5-gated-cells.md", "Gated cells",
            "unroll train --method sgd --cell lstm --forget-bias 0 --chrono none --init uniform --length 200 "
            + "--curriculum none --updates 20 --validation 200 --out runs/half"),
        new("6-your-own-data.md", "Your own data", "unroll data show samples/readings.csv --target power"),
    ];

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("tutorial", "Lists the pages of the tutorial: why does my network forget?")
        {
            Examples = ["unroll tutorial"],
        };
        command.SetAction(_ =>
        {
            host.Say("Why does my network forget? Six pages, an hour. Each begins with a command that takes seconds:", 0);
            for (int i = 0; i < Pages.Count; i++)
            {
                host.Out.WriteLine($"\n{i + 1}  {Pages[i].Title}: {Folder}/{Pages[i].File}");
                foreach (string line in Format.Wrap(Pages[i].First, host.Width - 7)) host.Out.WriteLine($"     {line}");
            }

            host.Out.WriteLine();
            host.Say("unroll explain TERM says what a word means that the program prints.", 0);
            return ExitCode.Success;
        });
        return command;
    }
}
