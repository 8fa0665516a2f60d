using System.Globalization;
using Unroll.Studies.Report;

namespace Unroll.Studies.Tests.Report;

/// <summary>The axes of a page, the groups of many numbers, and the success rates that the page may draw.</summary>
public static class PageAxisTests
{
    [Fact]
    public static void Seeds_and_options_that_another_one_settles_are_no_axes()
    {
        List<PageAxis> all = Axes(
            ["init", "activation", "method", "same", "seed"],
            [["a", "tanh", "sgd", "1", "1"], ["b", "sigmoid", "sgd", "1", "2"], ["c", "tanh", "sgd-c", "1", "1"],
                ["a", "tanh", "sgd-c", "1", "2"]]);
        Assert.Equal(["init", "method"], all.Where(axis => axis.IsAxis).Select(axis => axis.Option));
    }

    /// <summary>Of two options that settle each other the first is an axis.</summary>
    [Fact]
    public static void Of_two_names_of_one_choice_one_is_an_axis()
    {
        List<PageAxis> all = Axes(["one", "other"], [["a", "x"], ["b", "y"], ["a", "x"]]);
        Assert.Single(all, axis => axis.IsAxis);
    }

    [Fact]
    public static void Numbers_above_sixteen_are_grouped_and_words_are_not()
    {
        PageAxis Of(int count, Func<int, string> value) =>
            Assert.Single(Axes(["x"], [.. Enumerable.Range(1, count).Select(i => (string[])[value(i)])]));
        Assert.Null(Of(16, Number).Groups);
        Assert.Null(Of(17, i => $"w{i}").Groups);
        Assert.Null(Of(17, i => i == 3 ? "" : Number(i)).Groups);

        PageBins linear = Of(17, i => Number(100 + i)).Groups!, log = Of(64, i => $"1..{i}").Groups!;
        Assert.Equal((9, 8, 101.0, 117.0), (linear.Edges.Count, linear.At.Count, linear.Edges[0], linear.Edges[^1]));
        Assert.Equal(0, linear.Of[0]);
        Assert.Equal(7, linear.Of[16]);
        Assert.Equal(linear.Edges[1], linear.At[0] + 1, 1e-12);
        Assert.Equal(Math.Sqrt(log.Edges[0] * log.Edges[1]), log.At[0], 1e-12);
        for (int i = 1; i <= 64; i++)
            Assert.InRange(i, log.Edges[log.Of[i - 1]] * (1 - 1e-12), log.Edges[log.Of[i - 1] + 1] * (1 + 1e-12));
    }

    /// <summary>
    /// What the page's script pools: the trials at a place of the x axis, in a panel, on a line, which is a value of one option
    /// or of all that are left.
    /// </summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    public static void Every_point_of_every_choice_of_axes_has_its_interval(int options, int seed)
    {
        var random = new Random(seed);
        string[][] rows = [.. Enumerable.Range(0, 120).Select(_ => Enumerable.Range(0, options).Select(o =>
            o == 1 ? Number(random.Next(1, 60)) : $"v{random.Next(o + 2)}").ToArray())];
        bool?[] solved = [.. rows.Select(_ => random.Next(5) switch { 0 => (bool?)null, 1 or 2 => true, _ => false })];
        List<PageAxis> all = Axes([.. Enumerable.Range(0, options).Select(o => $"o{o}")], rows);
        Assert.Equal(options, all.Count(axis => axis.IsAxis));
        Assert.Equal(options > 1, all.Exists(axis => axis.Groups is not null));
        HashSet<(int, int)> pools = PageAxis.Pools(all, solved);
        Assert.All(pools, pool => Assert.InRange(pool.Item1, 0, pool.Item2));
        foreach (PageAxis? x in all.Prepend(null!))
        {
            foreach (PageAxis? panel in all.Where(axis => axis != x).Prepend(null!))
            {
                PageAxis[] rest = [.. all.Where(axis => axis != x && axis != panel)];
                foreach (PageAxis[] lines in rest.Select(axis => (PageAxis[])[axis]).Append(rest).Append([]))
                {
                    int Place(int trial) => x is null ? 0 : x.Groups is { } groups ? groups.Of[x.Of[trial]] : x.Of[trial];
                    IEnumerable<IGrouping<string, int>> points = Enumerable.Range(0, rows.Length)
                        .Where(trial => solved[trial] is not null)
                        .GroupBy(trial =>
                            $"{Place(trial)}|{panel?.Of[trial]}|{string.Join(',', lines.Select(line => line.Of[trial]))}");
                    foreach (IGrouping<string, int> point in points)
                        Assert.Contains((point.Count(trial => solved[trial] == true), point.Count()), pools);
                }
            }
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static List<PageAxis> Axes(string[] options, string[][] rows) => PageAxis.All(
        options, [.. rows.Select(row => options.Zip(row).ToDictionary(pair => pair.First, pair => pair.Second))]);
}
