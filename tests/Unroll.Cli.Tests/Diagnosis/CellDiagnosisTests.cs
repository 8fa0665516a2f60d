using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Files;
using Unroll.Studies.Memory;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>
/// Networks of every cell and stacks that were made ill in known ways: verdict, numbers and advice say the same everywhere.
/// </summary>
public partial class CellDiagnosisTests
{
    private const int Length = 60;

    /// <summary>Layers, what was done to them, the verdict, and the beginning of what is advised first.</summary>
    public static TheoryData<string, string, string, string> Ill => new()
    {
        { "lstm:7", "initialized", "vanishing", "init --chrono 60" },
        { "lstm:7", "keeps", "healthy", "clip" },
        { "lstm:20", "large", "exploding", "clip" },
        { "lstm:7", "no head", "vanishing", "init give the head weights" },
        { "gru:7", "initialized", "vanishing", "init --chrono 60" },
        { "gru:7", "keeps", "healthy", "clip" },
        { "gru:20", "large", "exploding", "clip" },
        { "leaky:7:0.9", "initialized", "vanishing", "init --leak 0.017" },
        { "leaky:7:0.01", "initialized", "healthy", "clip" },
        { "leaky:7:0.5", "large", "exploding", "clip" },
        { "lru:7", "initialized", "healthy", "clip" },
        { "lru:7", "fades", "vanishing", "init --ring 0.983:0.9983:6.283" },
        { "lstm:5,lstm:5", "initialized", "vanishing", "init --chrono 60" },
        { "gru:6,leaky:5:0.8,lstm:4", "initialized", "vanishing", "init --chrono 60" },
        { "plain:5,plain:5", "initialized", "vanishing", "init --init orthogonal" },
        { "plain:5:1,plain:5:1", "large", "exploding", "clip" },
        { "lstm:5,lstm:5", "apart", "healthy", "layers fewer layers" },
    };

    [Theory]
    [MemberData(nameof(Ill))]
    public void Verdict_numbers_and_advice_go_together(string layers, string illness, string verdict, string first)
    {
        using var folder = new TempFolder();
        string model = Make(folder, layers, illness), page = folder.At("page.html");
        string[] args = ["diagnose", model, "--batches", "2", "--batch", "4"];
        CliResult json = Cli.Run([.. args, "--json", "--html", page]);
        Assert.Equal((ExitCode.Success, ""), (json.Code, json.Error));
        JsonElement d = Assert.Single(json.Json);
        string raw = Cli.Run(args).Out, text = Spaces().Replace(raw, " ");
        Assert.Equal(verdict, d.GetProperty("verdict").GetString());
        Assert.Contains($"verdict {verdict}", text);
        Assert.All(raw.Split('\n'), line => Assert.InRange(line.Length, 0, 110));

        // No bound of the paper is claimed, in no form.
        foreach (string no in (string[])["NaN", "1/gamma", "eta", "must vanish", "not finite", "W_rec"])
            Assert.DoesNotContain(no, text);
        foreach (string none in (string[])["gamma", "eta", "must_vanish", "can_explode", "vanished_by"])
            Assert.Equal(JsonValueKind.Null, d.GetProperty(none).ValueKind);
        Assert.False(d.GetProperty("bounds_hold").GetBoolean());
        Assert.Contains("bounds none: gamma and sigma_max of section 2.1 bound one plain layer only", text);
        Assert.InRange(d.GetProperty("state_jacobian").GetProperty("steps").GetInt32(), 1, 80);
        foreach (string number in (string[])["spectral_radius", "largest_singular_value"])
            Assert.True(Median(d.GetProperty("state_jacobian"), number) > 0);
        Assert.True(Median(d.GetProperty("state_jacobian"), "spectral_radius") <= Median(d.GetProperty("state_jacobian"),
            "largest_singular_value") * (1 + 1e-9));

        // By layer.
        JsonElement[] by = [.. d.GetProperty("layers").EnumerateArray()];
        Assert.Equal(layers.Split(',').Select(layer => layer.Split(':')[0]),
            by.Select(layer => layer.GetProperty("cell").GetString()));
        Assert.Equal(Value(d, "omega"), by.Sum(layer => Value(layer, "omega")), 1e-9);
        foreach (JsonElement layer in by)
        {
            Assert.Equal(Length, layer.GetProperty("by_lag").GetProperty("median").GetArrayLength());
            Assert.All(layer.GetProperty("saturation").EnumerateArray(),
                gate => Assert.InRange(Value(gate, "low") + Value(gate, "high"), 0, 1));
        }

        // What is advised first is what the network has, and it is the same everywhere.
        JsonElement[] advice = [.. d.GetProperty("advice").EnumerateArray()];
        Assert.StartsWith(first, $"{advice[0].GetProperty("about").GetString()} {advice[0].GetProperty("text").GetString()}");
        AdviceText.RequireEverywhere(advice, text, File.ReadAllText(page));

        Assert.Equal(advice.Length, advice.Select(one => one.GetProperty("about").GetString()).Distinct().Count());
        Assert.Equal(verdict != "healthy", advice.Any(one => one.GetProperty("about").GetString() == "init"));
        JsonElement omega = advice.Single(one => one.GetProperty("about").GetString() == "omega");
        bool acts = Value(d, "omega_gradient") > 0 && Value(d, "omega_kept") >= 0.5;
        Assert.Equal(verdict == "vanishing" && acts, Value(omega, "value") > 0);
        Assert.Equal(Value(omega, "value") > 0, text.Contains("--omega "));
    }

    [Fact]
    public void A_longer_memory_as_advised_reaches_further()
    {
        using var folder = new TempFolder();
        foreach (string layers in (string[])["lstm:7", "gru:7"])
        {
            string before = Make(folder, layers, "initialized"), after = Make(folder, layers, "chrono");
            Assert.True(Lag(after) > 2 * Lag(before), layers);
        }

        static int Lag(string model) => Cli.Run("diagnose", model, "--batches", "2", "--batch", "4", "--json").Json[0] is var d
            && d.GetProperty("lag").ValueKind == JsonValueKind.Number ? d.GetProperty("lag").GetInt32() : Length;
    }

    [Fact]
    public void The_spectra_along_the_sequences_are_those_of_the_library()
    {
        using var folder = new TempFolder();
        string model = Make(folder, "lstm:3,gru:2", "initialized");
        JsonElement d = Cli.Run("diagnose", model, "--batch", "2", "--json").Json[0];
        ITask task = SyntheticTasks.Create("temporal-order", Length);
        Batch batch = Batch.For(task);
        task.Fill(batch, 2, GradientDiagnosis.BatchKey(1, 0));
        using var unrolled = new UnrolledNetwork<double>(ModelFile.Load<double>(model));
        unrolled.Forward(batch, task.Reduction);
        double[] radii = [.. from row in Enumerable.Range(0, 2) from step in Enumerable.Range(2, Length - 1)
            select Spectrum.SpectralRadius(JacobianProducts.Jacobian(unrolled, row, step), 8)];
        Assert.Equal(Quantiles.Of(radii).Median, Median(d.GetProperty("state_jacobian"), "spectral_radius"), 0.01);
        double[] exponents = [.. Enumerable.Range(0, 2)
            .Select(row => JacobianProducts.LyapunovExponents(unrolled, row, Length)[0])];
        Assert.Equal(exponents.Average(), Median(d, "lyapunov_exponent"), 0.01);
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void A_network_of_cells_is_diagnosed_while_it_is_trained_in_the_library(string cell)
    {
        using var folder = new TempFolder();
        Network<double> network = ModelFile.Load<double>(Make(folder, $"{cell}:6", "initialized"));
        GradientDiagnosis d = GradientDiagnosis.Measure(
            network, SyntheticTasks.Create("temporal-order", 20), new DiagnosisOptions
            {
                Batches = 1,
                Rows = 2,
                Curvature = false,
            }, cancellation: TestContext.Current.CancellationToken);
        string line = DiagnosisText.Line(d);
        Assert.DoesNotContain("eta", line);
        Assert.DoesNotContain("NaN", line);
    }

    private static double Value(JsonElement of, string name) =>
        of.GetProperty(name).ValueKind == JsonValueKind.Null ? double.NaN : of.GetProperty(name).GetDouble();

    private static double Median(JsonElement of, string name) => of.GetProperty(name).GetProperty("median").GetDouble();

    /// <summary>By what its own layers hold: a plain layer as wide would fit.</summary>
    [Fact]
    public void A_network_that_does_not_fit_into_the_memory_is_refused_before_it_is_run()
    {
        using var folder = new TempFolder();
        string model = Make(folder, "lstm:40,lstm:40", "initialized");
        ITask task = SyntheticTasks.Create("temporal-order", Length);
        NetworkShape shape = ModelFile.ReadInfo(model).Shape;
        double limit = MemoryLimits.Smallest().Bytes;
        double each = (MemoryNeed.OfDiagnosis(task, shape, 2000) - MemoryNeed.OfDiagnosis(task, shape, 1000)) / 1000;
        int rows = (int)Math.Min(1.2 * limit / each, 65_536);
        string error = Cli.Run("diagnose", model, "--batch", rows.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .RefusedWith();
        Assert.Contains("This diagnosis would need about", error);
        Assert.Contains("take a smaller --batch or --length", error);
        Assert.True(MemoryNeed.OfDiagnosis(task, shape with { Layers = [new LayerShape(40)] }, rows) < limit);
    }

    /// <summary>A network for 60 steps with these layers, made ill in a known way, as a file.</summary>
    internal static string Make(TempFolder folder, string layers, string illness)
    {
        ITask task = SyntheticTasks.Create("temporal-order", Length);
        LayerShape[] shapes = [.. layers.Split(',').Select(Layer)];
        var shape = new NetworkShape(task.Inputs, shapes[^1].Hidden, task.Outputs)
        {
            Layers = [.. shapes],
            Encoding = task.Encoding,
            Head = task.Head,
        };
        var network = new Network<float>(shape);
        Initializer.Initialize(network, new InitializerOptions
        {
            Kind = Initialization.Uniform,
            ForgetBias = 0,
            LongestLag = illness == "chrono" ? Length : null,
            Ring = illness == "fades" ? new RingStart(0.1, 0.5) : new RingStart(),
        }, 5);
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<float> values = network.Parameters.Slice(block.Offset, block.Length);
            switch (illness)
            {
                case "keeps" when block.Role == ParameterRole.HiddenBias: // f of an LSTM, z of a GRU
                    values.Slice(shapes[block.Layer].Hidden, shapes[block.Layer].Hidden).Fill(7);
                    break;
                case "large" when block.Role == ParameterRole.RecurrentWeights:
                    Scale(values, shapes[block.Layer].Definition.HasActivation ? 12 : 25);
                    break;
                case "large" when block.Role == ParameterRole.InputWeights:
                    Scale(values, 0.1f);
                    break;
                case "large" when block.Role == ParameterRole.OutputWeights:
                    Scale(values, 0.1f);
                    break;
                case "no head" when block.Role == ParameterRole.OutputWeights:
                    values.Clear();
                    break;
                case "apart" when block.Role == ParameterRole.HiddenBias:
                    values.Slice(shapes[block.Layer].Hidden, shapes[block.Layer].Hidden).Fill(7);
                    break;
                case "apart" when block.Role == ParameterRole.InputWeights && block.Layer == 1:
                    Scale(values, 1e-6f);
                    break;
            }
        }

        string path = folder.At($"{layers.Replace(':', '-')}-{illness}.safetensors");
        ModelFile.Save(path, network, new ModelInfo(shape)
        {
            Reduction = task.Reduction,
            Properties = new Dictionary<string,
            string>
            { ["task"] = task.Name, ["length"] = $"{Length}" }
        });
        return path;
    }

    private static LayerShape Layer(string words)
    {
        string[] parts = words.Split(':');
        var layer = new LayerShape(int.Parse(parts[1], null))
        {
            Cell = Enum.Parse<CellKind>(parts[0], ignoreCase: true),
            Activation = parts[0] is "leaky" or "plain" ? Activation.Tanh : default,
        };
        return parts.Length < 3 ? layer : layer with
        {
            Leak = double.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture),
            Activation = Activation.Identity,
        };
    }

    private static void Scale(Span<float> values, float factor)
    {
        foreach (ref float value in values) value *= factor;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
