using Unroll.Analysis;
using Unroll.Studies.Statistics;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// <c>unroll diagnose --bench</c>: networks that were made ill in a known way, and how often the first advice names the illness;
/// and healthy ones, of which nothing should be said.
/// </summary>
internal static class DiagnosisBench
{
    private const int Batches = 2, Rows = 5;

    /// <summary>Runs it, and writes a table.</summary>
    /// <param name="seeds">Networks of each kind and cell.</param>
    /// <param name="first">The seed of the first of them; the others follow it.</param>
    /// <param name="json">Whether as objects.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <param name="cancellation">Ends it.</param>
    public static IReadOnlyList<BenchRow> Run(int seeds, ulong first, bool json, CommandHost host, CancellationToken cancellation)
    {
        List<BenchRow> rows = [];
        Illness[] all = [.. IllNetworks.All, .. IllNetworks.AllHealthy];
        using (var notice = new SlowNotice(host, "diagnosing ill networks", all.Length, "kinds"))
        {
            foreach (Illness illness in all)
            {
                foreach (CellKind cell in illness.Cells)
                {
                    int right = 0;
                    List<string> others = [];
                    for (ulong seed = first; seed < first + (ulong)seeds; seed++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        (bool good, string said) = Try(illness, cell, seed, cancellation);
                        if (good) right++;
                        else others.Add(said);
                    }

                    rows.Add(new BenchRow(illness.Name, cell, new SuccessRate(right, seeds), others));
                }

                notice.Report(rows.Select(row => row.Illness).Distinct().Count());
            }
        }

        if (json) WriteJson(rows, host);
        else Write(rows, host);
        return rows;
    }

    /// <summary>Whether the first thing that is said of a network is right, and what it is.</summary>
    private static (bool Right, string Said) Try(Illness illness, CellKind cell, ulong seed, CancellationToken cancellation)
    {
        IllNetwork ill = IllNetworks.Make(illness.Name, cell, seed);
        var options = new DiagnosisOptions { Batches = Batches, Rows = Rows, Seed = seed, Curvature = true };
        GradientDiagnosis d = GradientDiagnosis.Measure(ill.Network, ill.Task, options, null, cancellation);
        Advice first = Advice.Of(d, ill.Task, ill.Network.Shape, DataAdvice.Of(ill.Task, seed, ill.Network, d), ill.Rate)[0];
        string said = $"{DiagnosisText.Short(d)}; {first.About} {first.Text}";

        // Trained networks may have found what they need nearby, so that no signal needs to reach the first step.
        bool alarm = (ill.Task is not SeriesTask && d.Verdict != GradientVerdict.Healthy) || first.IsAlarm;
        return IllNetworks.IsHealthy(illness.Name) ? (!alarm, said)
            : ((illness.Verdict is null || illness.Verdict == d.Verdict) && illness.Recognizes(first), said);
    }

    private static void Write(List<BenchRow> rows, CommandHost host)
    {
        host.Say("The first advice for networks that were made ill in a known way, and healthy ones without an alarm; with 95% "
            + "intervals (Wilson)", 0);
        host.Out.WriteLine();
        IReadOnlyList<CellKind> cells = IllNetworks.Cells;
        var table = new TextTable(["made ill", .. cells.Select(cell => Training.OptionsText.Name(cell)), "all"]);
        foreach (IGrouping<string, BenchRow> group in rows.GroupBy(row => row.Illness))
        {
            table.Add([group.Key, .. cells.Select(cell => group.FirstOrDefault(row => row.Cell == cell) is { } row
                ? FormattableString.Invariant($"{row.Right.Successes}/{row.Right.Runs}") : ""), Words(Sum([.. group]))]);
        }

        table.WriteTo(host);
        host.Out.WriteLine();
        host.Say($"first advice right: {Words(Sum(rows, healthy: false))}", 4);
        SuccessRate quiet = Sum(rows, healthy: true);
        host.Say($"false alarms: {Words(new SuccessRate(quiet.Runs - quiet.Successes, quiet.Runs))}", 4);
        foreach (BenchRow row in rows.Where(row => row.Others.Count > 0))
            host.Say($"{row.Illness}, {Training.OptionsText.Name(row.Cell)}: also "
                + string.Join(" | ", row.Others.Distinct().Take(3)));
    }

    /// <summary>All ill ones, or all healthy ones.</summary>
    public static SuccessRate Sum(IReadOnlyList<BenchRow> rows, bool healthy) =>
        Sum([.. rows.Where(row => IllNetworks.IsHealthy(row.Illness) == healthy)]);

    private static SuccessRate Sum(BenchRow[] rows) =>
        new(rows.Sum(row => row.Right.Successes), rows.Sum(row => row.Right.Runs));

    private static string Words(SuccessRate rate)
    {
        Interval wilson = rate.Wilson();
        return $"{rate.Successes} of {rate.Runs} [{Format.Percent(wilson.Low)}, {Format.Percent(wilson.High)}]";
    }

    private static void WriteJson(List<BenchRow> rows, CommandHost host)
    {
        foreach (BenchRow row in rows)
        {
            JsonLine.Write(host.Out, json =>
            {
                json.WriteString("event", "bench");
                json.WriteString("illness", row.Illness);
                json.WriteString("cell", Training.OptionsText.Name(row.Cell));
                json.WriteNumber("right", row.Right.Successes);
                json.WriteNumber("networks", row.Right.Runs);
                JsonLine.WriteNumber(json, "low", row.Right.Wilson().Low);
                JsonLine.WriteNumber(json, "high", row.Right.Wilson().High);
            });
        }
    }
}

/// <summary>How often the first advice was right.</summary>
/// <param name="Illness">What was wrong.</param>
/// <param name="Cell">The units.</param>
/// <param name="Right">How often it was named first.</param>
/// <param name="Others">What was said of the others.</param>
internal sealed record BenchRow(string Illness, CellKind Cell, SuccessRate Right, IReadOnlyList<string> Others);
