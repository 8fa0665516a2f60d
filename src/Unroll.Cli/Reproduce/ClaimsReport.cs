using System.Text.Json;
using Unroll.Cli.Study;

namespace Unroll.Cli.Reproduce;

/// <summary><c>unroll reproduce --claims</c>: what is claimed, counted from the stores, and whether pages say the same.</summary>
internal static class ClaimsReport
{
    /// <summary>Counts the claims of a folder, and compares the pages that quote them.</summary>
    /// <param name="folder">The folder with the claims and the stores.</param>
    /// <param name="write">Whether what the stores say is put into the pages.</param>
    /// <param name="json">Whether the claims are written as JSON.</param>
    /// <param name="host">The command.</param>
    /// <returns>0 when the pages say what the stores say, or were written; otherwise 3.</returns>
    public static int Run(string folder, bool write, bool json, CommandHost host)
    {
        ClaimFile file = ClaimFile.Read(folder);
        var counter = new ClaimCounter(folder, StudyOptions.SecondsToWait(host));
        CountedClaim[] claims = [.. file.Claims.Select(counter.Count)];
        List<ClaimDifference> differences = ClaimPages.Compare(folder, file.Pages, claims, write);
        if (json) WriteJson(claims, differences, host);
        else WriteText(claims, file, differences, write, host);
        return differences.Count == 0 || write ? ExitCode.Success : ExitCode.Unsolved;
    }

    private static void WriteText(
        IReadOnlyList<CountedClaim> claims, ClaimFile file, List<ClaimDifference> differences, bool write, CommandHost host)
    {
        foreach (CountedClaim claim in claims)
            host.Say($"{claim.Claim.Id}: {claim.Runs}; budget {claim.Budget}, seeds {claim.Seeds}, {claim.Set}");
        host.Out.WriteLine();
        foreach (ClaimDifference found in differences)
        {
            host.Say(FormattableString.Invariant($"{found.Page}, line {found.Line}, {found.What}: ")
                + $"it {(write ? "said" : "says")} '{Short(found.Says)}', the stores '{Short(found.Should)}'");
        }

        bool one = differences.Count == 1;
        string pages = Format.Counted(file.Pages.Count, "page"), places = Format.Counted(differences.Count, "place");
        host.Say(differences.Count == 0
            ? $"{Format.Counted(claims.Count, "claim")}; {pages} {(file.Pages.Count == 1 ? "says" : "say")} what the stores say."
            : write ? $"{places} {(one ? "was" : "were")} written."
            : $"{places} {(one ? "differs" : "differ")}; --draw writes what the stores say.");

        static string Short(string text) => text.Length <= 100 ? text : text[..100] + "...";
    }

    private static void WriteJson(IReadOnlyList<CountedClaim> claims, List<ClaimDifference> differences, CommandHost host)
    {
        foreach (CountedClaim one in claims)
        {
            JsonLine.Write(host.Out, json =>
            {
                json.WriteString("event", "claim");
                json.WriteString("id", one.Claim.Id);
                json.WriteString("claim", one.Claim.Text);
                json.WriteString("paper", one.Claim.Paper);
                json.WriteString("here", one.Ours);
                json.WriteString("runs", one.Runs);
                json.WriteString("command", one.Claim.Command);
                json.WriteString("date", one.Claim.Date);
                json.WriteStartObject("fields");
                foreach ((string name, string text) in one.Fields) json.WriteString(name, text);
                json.WriteEndObject();
            });
        }

        foreach (ClaimDifference one in differences)
        {
            JsonLine.Write(host.Out, json =>
            {
                json.WriteString("event", "difference");
                json.WriteString("page", one.Page);
                json.WriteNumber("line", one.Line);
                json.WriteString("what", one.What);
                json.WriteString("says", one.Says);
                json.WriteString("stores", one.Should);
            });
        }
    }
}
