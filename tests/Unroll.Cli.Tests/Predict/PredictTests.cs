using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Unroll.Files;

namespace Unroll.Cli.Tests.Predict;

public class PredictTests
{
    [Fact]
    public void Every_line_gets_the_prediction_of_the_library_in_order()
    {
        using var folder = new TempFolder();
        Network<double> network = Random(new NetworkShape(4, 5, 3));
        string model = Save(folder, network);
        int[][] inputs = [.. Enumerable.Range(0, 150)
            .Select(i => Enumerable.Range(0, 1 + (i * 7 % 13)).Select(t => ((i + t) * t % 5) - 1).ToArray())];
        string lines = string.Join('\n', inputs.Select((input, i) => i % 2 == 0 ? $"[{string.Join(',', input)}]"
            : $"{{\"id\":{i},\"input\":[{string.Join(", ", input)}]}}\n"));
        CliResult result = Cli.RunWith(lines, "predict", model);
        Assert.Equal(ExitCode.Success, result.Code);
        JsonElement[] answers = result.Json;
        Assert.Equal(inputs.Length, answers.Length);
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] y = Outputs(network, batch =>
            {
                batch.Resize(1, inputs[i].Length);
                for (int t = 0; t < inputs[i].Length; t++) batch.SetSymbol(t, 0, inputs[i][t]);
            });
            double sum = y.Sum(Math.Exp);
            double[] probabilities = [.. answers[i].GetProperty("probabilities").EnumerateArray().Select(p => p.GetDouble())];
            for (int k = 0; k < 3; k++) Assert.Equal(Math.Exp(y[k]) / sum, probabilities[k], 12);
            Assert.Equal(Array.IndexOf(y, y.Max()), answers[i].GetProperty("class").GetInt32());
        }
    }

    [Fact]
    public void A_model_goes_on_with_its_own_outputs()
    {
        using var folder = new TempFolder();
        Network<double> network = Random(new NetworkShape(2, 4, 2)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        });
        double[][] given = [[0.5, 0.25], [-1, 2], [0, 0.125]];
        string model = Save(folder, network);
        CliResult result = Cli.RunWith("[[0.5,0.25],[-1,2],[0,0.125]]\n[[1,1]]", "predict", model, "--free", "4");
        Assert.Equal(ExitCode.Success, result.Code);
        foreach ((JsonElement answer, double[][] start) in result.Json.Zip([given, [[1.0, 1]]]))
        {
            double[][] outputs = [.. answer.GetProperty("output").EnumerateArray()
                .Select(step => step.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
            Assert.Equal(start.Length + 4, outputs.Length);
            var stream = new StreamingNetwork<double>(network);
            double[] state = stream.Start(), y = new double[2];
            for (int t = 0; t < outputs.Length; t++)
            {
                stream.Step(t < start.Length ? start[t] : [.. y], state, y);
                Assert.Equal(y, outputs[t]);
            }
        }
    }

    [Fact]
    public void A_model_of_which_some_inputs_are_its_outputs_reads_its_own_where_a_step_leaves_them_out()
    {
        using var folder = new TempFolder();
        Network<double> network = Random(new NetworkShape(2, 4, 1)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        });
        string model = folder.At("narma.safetensors");
        ModelFile.Save(model, network, new ModelInfo(network.Shape)
        {
            Properties = new Dictionary<string, string> { [ModelInfo.TaskKey] = "narma-feedback" },
        });
        CliResult result = Cli.RunWith("[[0.1],[0.2,0.5],[0.3],[0.4],[0.5,-1]]\n[[0.1,0.7]]", "predict", model);
        double?[] fedBack = [0, 0.5, null, null, -1];
        double[] outputs = [.. result.Json[0].GetProperty("output").EnumerateArray().Select(step => step[0].GetDouble())];
        var stream = new StreamingNetwork<double>(network);
        double[] state = stream.Start(), y = new double[1];
        for (int t = 0; t < 5; t++)
        {
            stream.Step([(t + 1) / 10.0, fedBack[t] ?? y[0]], state, y);
            Assert.Equal(y[0], outputs[t]);
        }

        Assert.Equal(1, result.Json[1].GetProperty("output").GetArrayLength());
        Assert.Contains("2 numbers a step, or 1 where it reads its own outputs",
            Cli.RunWith("[[1,2,3]]", "predict", model).RefusedWith());
        Assert.Contains("leave --free out", Cli.RunWith("[[0.1,0.7]]", "predict", model, "--free", "3").RefusedWith());
    }

    [Theory]
    [InlineData(2, 1, OutputHead.LinearEvery, InputEncoding.Dense)]
    [InlineData(2, 2, OutputHead.LinearLast, InputEncoding.Dense)]
    [InlineData(2, 2, OutputHead.SoftmaxEvery, InputEncoding.OneHot)]
    public void A_model_without_outputs_that_feed_back_does_not_go_on(
        int inputs, int outputs, OutputHead head, InputEncoding encoding)
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random(new NetworkShape(inputs, 3, outputs) { Encoding = encoding, Head = head }));
        Assert.Contains("cannot be fed back", Cli.RunWith("[]", "predict", model, "--free", "3").RefusedWith());
        Assert.Contains("--free", Cli.RunWith("[]", "predict", model, "--free", "0").RefusedWith());
        Assert.Contains("--free", Cli.RunWith("[]", "predict", model, "--free", "x").RefusedWith());
    }

    [Fact]
    public void Every_step_heads_answer_at_every_step()
    {
        using var folder = new TempFolder();
        var shape = new NetworkShape(3, 4, 2) { Encoding = InputEncoding.MultiHot, Head = OutputHead.BernoulliEvery };
        JsonElement bits = Cli.RunWith("[[0,2],[],[1]]", "predict", Save(folder, Random(shape))).Json[0];
        Assert.Equal([2, 2, 2], bits.GetProperty("probabilities").EnumerateArray().Select(step => step.GetArrayLength()));

        JsonElement classes = Cli.RunWith("[0,1]\n[2]", "predict",
            Save(folder, Random(new NetworkShape(3, 4, 2) { Head = OutputHead.SoftmaxEvery }))).Json[1];
        Assert.Equal(1, classes.GetProperty("class").GetArrayLength());
        Assert.Equal(1, classes.GetProperty("probabilities").GetArrayLength());

        Network<double> linear = Random(new NetworkShape(2, 4, 1)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearLast
        });
        double answer = Cli.RunWith("[[0,0.5],[1,-2]]", "predict", Save(folder, linear)).Json[0]
            .GetProperty("output")[0].GetDouble();
        double[] y = Outputs(linear, batch =>
        {
            batch.Resize(1, 2);
            batch.Dense(0, 0)[1] = 0.5;
            batch.Dense(1, 0)[0] = 1;
            batch.Dense(1, 0)[1] = -2;
        });
        Assert.Equal(y[0], answer);
    }

    [Theory]
    [InlineData("oops", "is not JSON")]
    [InlineData("[0,1", "is not JSON")]
    [InlineData("3", "the number 3, not a list")]
    [InlineData("[]", "empty sequence")]
    [InlineData("[4]", "index 4 at step 0, which does not lie in -1..3")]
    [InlineData("[0,-2]", "index -2 at step 1")]
    [InlineData("[0,1.5]", "the number 1.5 at step 1, not an index")]
    [InlineData("[\"a\"]", "a text at step 0")]
    [InlineData("[[0]]", "a list at step 0")]
    [InlineData("{\"x\":[0]}", "without the key")]
    [InlineData("{\"\\ud800\":1}", "a key that is not Unicode text")]
    public void A_bad_line_is_named_after_the_good_ones_before_it_are_answered(string bad, string expected)
    {
        using var folder = new TempFolder();
        CliResult result = Cli.RunWith($"[0]\n\n{bad}\n[1]\n", "predict", Save(folder, Random(new NetworkShape(4, 5, 3))));
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Single(result.OutLines);
        string error = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("unroll: Line 3 ", error);
        Assert.Contains(expected, error);
        Assert.Contains("such as [0,3]", error);
    }

    [Theory]
    [InlineData("[[0]]", "has 1 number at step 0, not 2")]
    [InlineData("[[0,1],[0,\"b\"]]", "a text at step 1, column 1, not a number")]
    [InlineData("[[0,1],[NaN,0]]", "Line 1 has NaN at step 1, column 0, not a finite number")]
    [InlineData("[[0,-Infinity]]", "has -Infinity at step 0, column 1, not a finite number")]
    [InlineData("{\"input\": [[0, 1], [2, NaN]]}", "has NaN at step 1, column 1, not a finite number")]
    [InlineData("[[0,null]]", "null at step 0, column 1, not a number")]
    [InlineData("[[NaN,", "is not JSON")]
    [InlineData("[0,1]", "the number 0 at step 0, not a list")]
    [InlineData("[[0,1e999]]", "too large")]
    public void Dense_inputs_have_their_own_refusals(string bad, string expected)
    {
        using var folder = new TempFolder();
        string model = Save(folder,
            Random(new NetworkShape(2, 3, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast }));
        Assert.Contains(expected, Cli.RunWith(bad, "predict", model).RefusedWith());
    }

    [Fact]
    public void A_number_that_is_infinite_in_the_model_s_precision_is_named()
    {
        using var folder = new TempFolder();
        var shape = new NetworkShape(2, 3, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast };
        Unroll.Files.ModelFile.Save(folder.At("single"), new Network<float>(shape),
            new Unroll.Files.ModelInfo(shape) { Precision = Unroll.Training.Precision.Float });
        Assert.Contains("has the number 1e39 at step 1, column 0, which is too large",
            Cli.RunWith("[[0,1],[1e39,0]]", "predict", folder.At("single")).RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.RunWith("[[0,1],[1e39,0]]", "predict", Save(folder, Random(shape))).Code);
    }

    [Fact]
    public async Task An_idle_input_gets_its_answers_at_once()
    {
        using var folder = new TempFolder();
        using Process process = Cli.Start(null, "predict", Save(folder, Random(new NetworkShape(4, 5, 3))));
        foreach (string line in (string[])["[0,1]", "[2]"])
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(20));
            Assert.StartsWith("{\"class\":", await process.StandardOutput.ReadLineAsync(patience.Token));
        }

        process.StandardInput.Close();
        Assert.Equal(ExitCode.Success, process.Finish().Code);
    }

    private static Network<double> Random(NetworkShape shape)
    {
        var network = new Network<double>(shape);
        RandomSource random = new RandomKey(5, RandomStream.Initialization, 0).Shared();
        foreach (ref double weight in network.Parameters) weight = random.NextNormal();
        return network;
    }

    private static string Save(TempFolder folder, Network<double> network)
    {
        string path = folder.At(string.Create(CultureInfo.InvariantCulture,
            $"{network.Shape.Head}{network.Shape.Inputs}.safetensors"));
        ModelFile.Save(path, network, new ModelInfo(network.Shape));
        return path;
    }

    private static double[] Outputs(Network<double> network, Action<Batch> fill)
    {
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(network.Shape);
        fill(batch);
        var predictions = new Predictions();
        unrolled.Predict(batch, predictions);
        return predictions.At(0, 0).ToArray();
    }
}
