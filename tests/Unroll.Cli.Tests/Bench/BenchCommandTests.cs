using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Bench;

namespace Unroll.Cli.Tests.Bench;

public class BenchCommandTests
{
    [Fact]
    public void Bench_reports_an_update_of_both_methods_without_allocation()
    {
        CliResult run = Cli.Run("bench", "--shape", "h50", "--seconds", "0.1", "--json");
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["sgd-c", "sgd-cr"], run.Json.Select(line => line.GetProperty("method").GetString()));
        foreach (JsonElement line in run.Json)
        {
            double milliseconds = line.GetProperty("ms_per_update").GetDouble(),
                gigaflops = line.GetProperty("gflops").GetDouble();
            Assert.Equal(BenchShape.All[0].Flops / milliseconds * 1e-6, gigaflops, gigaflops * 1e-9);
            Assert.Equal(20_000 / milliseconds, line.GetProperty("sequences_per_second").GetDouble(), 1.0);
            Assert.InRange(line.GetProperty("fraction_of_peak").GetDouble(), 1e-4, 1.2);
        }

        Assert.Contains("GFLOP/s", Cli.Run("bench", "--shape", "h50", "--seconds", "0.02").Out);
    }

    [Theory]
    [InlineData(true, "1", "2")]
    [InlineData(true, "1", "2", "4")]
    [InlineData(false)]
    public void Bench_compares_numbers_of_threads(bool named, params string[] counts)
    {
        CliResult run = Cli.Run(["bench", "--shape", "h50", "--seconds", "0.02", "--json", "--threads",
            .. named ? (string[])[string.Join(',', counts)] : []]);
        Assert.Equal(ExitCode.Success, run.Code);
        string[] listed = [.. run.Json.Select(line =>
            line.GetProperty("threads").GetInt32().ToString(CultureInfo.InvariantCulture))];
        if (named) Assert.Equal(counts, listed);
        else Assert.Equal(["1", "2", "4"], listed[..3]);
        double best = run.Json.Max(line => line.GetProperty("updates_per_second").GetDouble());
        foreach (JsonElement line in run.Json)
        {
            double rate = line.GetProperty("updates_per_second").GetDouble();
            Assert.InRange(rate, 1e-3, line.GetProperty("best_updates_per_second").GetDouble());
            Assert.Equal(1 - (rate / best), line.GetProperty("loss").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void Bench_shows_the_loss_of_each_number_of_threads()
    {
        string[] lines = Cli.Run("bench", "--shape", "h50", "--seconds", "0.02", "--threads", "1,3").OutLines;
        Assert.Equal(5, lines.Length);
        Assert.Matches("^shape +threads +updates/s +of one +loss +bytes$", lines[1]);
        Assert.Matches("^h50 +1 +[0-9.]+ +1x +[0-9.]+%", lines[2]);
        Assert.Matches("^h50 +3 +[0-9.]+ +[0-9.]+x +[0-9.]+%", lines[3]);
        Assert.Contains("0.0%", lines[2] + lines[3]);
        Assert.All(lines[..4], line => Assert.InRange(line.Length, 1, 110));
    }

    [Theory]
    [InlineData("1,0")]
    [InlineData("1,,2")]
    [InlineData("2,x")]
    [InlineData("1,257")]
    public void Bench_refuses_numbers_of_threads_that_are_none(string list) =>
        Assert.Contains("--threads", Cli.Run("bench", "--threads", list, "--seconds", "0.02").RefusedWith());

    [Fact]
    public void Useful_operations_are_those_of_the_products()
    {
        var shape = new BenchShape("s", 3, 2, 5, 7, 1, OutputHead.SoftmaxEvery, 4);
        Assert.Equal((3 * 2 * 5 * 2 * 3 * 3) + (3 * 2 * 5 * 2 * 3 * 4) + (2 * 5 * 2 * 3), shape.Flops);
        Assert.Equal((3 * 2 * 5 * 2 * 3 * 3) + (3 * 2 * 2 * 3 * 4) + (2 * 5 * 2 * 3),
            (shape with { Head = OutputHead.SoftmaxLast }).Flops);
    }
}
