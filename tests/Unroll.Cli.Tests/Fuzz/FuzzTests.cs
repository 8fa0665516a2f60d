using Unroll.Tests.Fuzz;

namespace Unroll.Cli.Tests.Fuzz;

/// <summary>A few inputs of each kind; tests/fuzz/run makes as many as there is time for.</summary>
public sealed class FuzzTests
{
    private static IEnumerable<FuzzTarget> Targets => CliTargets.All.Concat(ModelTargets.All);

    public static TheoryData<string, int> Names => new()
    {
        { "store", 120 }, { "store-bits", 60 }, { "curve", 1000 }, { "study-json", 500 }, { "run-json", 300 }, { "pytorch", 40 },
            { "onnx", 80 }, { "predict", 40 }, { "pt", 300 }, { "pt-pickle", 300 }, { "state-dict", 200 }, { "onnx-graph", 200 },
            { "model-verbs", 80 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_read_is_taken_or_refused_in_a_sentence(string name, int cases)
    {
        using var folder = new TempFolder();
        FuzzTarget target = Targets.Single(target => target.Name == name);
        int refused = 0;
        for (int i = 0; i < cases; i++) refused += target.Run(13, i, folder.At("")) ? 0 : 1;
        Assert.InRange(refused, 1, cases); // some inputs are really wrong
    }

    [Fact]
    public void Every_kind_is_here() => Assert.Equal(Targets.Select(target => target.Name),
        Names.Select(row => row.Data.Item1));
}
