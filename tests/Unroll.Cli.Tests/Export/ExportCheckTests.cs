using System.Text;
using System.Text.Json;
using Unroll.Cli.Export;
using Unroll.Cli.Tests.Sequences;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Tests.Export;

/// <summary><c>unroll export --check</c>: what was written does what its model does.</summary>
public class ExportCheckTests
{
    private static readonly string[] s_stacks =
        ["plain 7 tanh", "plain 5 relu", "plain 4 identity", "leaky 4 sigmoid 0.25, plain 3 tanh", "lstm 4", "lstm 5, lstm 5",
            "gru 6", "gru 6, lstm 3, plain 5 tanh"];

    [Fact]
    public void Every_stack_passes_in_every_format()
    {
        using var folder = new TempFolder();
        foreach (string stack in s_stacks)
        {
            foreach (bool wide in (bool[])[false, true])
            {
                OutputHead head = wide ? OutputHead.LinearEvery : OutputHead.SoftmaxLast;
                var shape = new NetworkShape(6, LayerText.TryRead(stack)!, 4)
                {
                    Head = head,
                    Encoding = head == OutputHead.SoftmaxLast ? InputEncoding.OneHot : InputEncoding.Dense,
                    LearnedInitialState = wide,
                    Biases = !wide,
                };
                string model = folder.At("model.safetensors");
                if (wide) ModelFile.Save(model, Random<double>(shape), new ModelInfo(shape));
                else ModelFile.Save(model, Random<float>(shape), new ModelInfo(shape));
                foreach (string form in (string[])["pt", "safetensors", "onnx"])
                {
                    JsonElement line = Assert.Single(Cli.Run("export", model, "--to", form, "--out", folder.At($"a.{form}"),
                        "--force", "--check", "--json").Json);
                    double off = line.GetProperty("check_difference").GetDouble();
                    Assert.InRange(off, 0, line.GetProperty("check_allowed").GetDouble());
                    Assert.InRange(off, 0, form != "onnx" && wide ? 1e-12 : 2e-5);
                    Assert.Equal(8, line.GetProperty("check_sequences").GetInt32());
                }
            }
        }
    }

    [Fact]
    public void A_header_is_compiled_and_run()
    {
        using var folder = new TempFolder();
        string model = Save(folder, "gru 6, lstm 3"), file = folder.At("net.h");
        Assert.SkipUnless(Cli.Run("export", model, "--out", file, "--check").Error.Length == 0, "There is no cc.");
        foreach (string[] more in (string[][])[[], ["--tanh", "rational"], ["--quantize", "int8"]])
        {
            CliResult result = Cli.Run(["export", model, "--out", file, "--check", "--force", .. more]);
            Assert.Equal(ExitCode.Success, result.Code);
            Assert.Contains("run beside the model: compiled by cc\n", result.Out);
            Assert.Matches(@"8 sequences, \d+ steps: at most \S+ off, \S+ is allowed\n", result.Out);
            Assert.All(result.OutLines[1..], line => Assert.InRange(line.Length, 0, 80));
        }
    }

    [Fact]
    public void Without_a_compiler_the_header_is_there_and_one_sentence_says_that_it_was_not_run()
    {
        using var folder = new TempFolder();
        string model = Save(folder, "gru 3"), file = folder.At("net.h");
        CliResult result = Cli.RunIn(new Dictionary<string, string> { ["CC"] = "no-such-compiler" }, "export", model, "--out",
            file, "--check");
        Assert.Equal(ExitCode.Success, result.Code);
        Assert.Contains("was not checked: there is no C compiler 'no-such-compiler' here", result.Error);
        Assert.DoesNotContain("run beside", result.Out);
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("classify")]
    [InlineData("regress")]
    [InlineData("tag")]
    [InlineData("forecast")]
    public void Models_of_own_data_pass_with_all_that_is_around_the_network(string kind)
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        string[] data = kind == "forecast"
            ? ["--data", SeriesFiles.Readings(folder), "--target", "power,temp", "--horizon", "3", "--window", "8",
                "--calendar", "hour,year-day", "--window-scale", "last"]
            : ["--data", SeriesFiles.Machines(folder), "--group", "machine", .. kind switch
            {
                "classify" => (string[])["--label", "state", "--ignore", "life"],
                "regress" => ["--target", "life", "--ignore", "state", "--missing", "mask"],
                _ => ["--target", "alarm", "--ignore", "life,state"],
            }];
        Assert.Equal(0, Cli.Run(["train", kind, "--out", run, "--hidden", "6", "--epochs", "1", .. data]).Code);
        foreach (string ending in (string[])["onnx", "h", "pt"])
        {
            CliResult result = Cli.Run("export", run, "--out", folder.At($"net.{ending}"), "--check");
            Assert.True(result.Code == ExitCode.Success, $"{ending}: {result.Error}");
            if (result.Error.Length == 0) Assert.Contains("run beside the model", result.Out);
        }
    }

    [Fact]
    public void A_file_of_other_weights_does_not_pass()
    {
        NetworkShape shape = new(6, LayerText.TryRead("gru 4, lstm 3")!, 4);
        Network<float> network = Random<float>(shape), other = Random<float>(shape);
        other.Parameter(ParameterBlock.Of("weight_hh", 1))[5] += 0.01f;
        var info = new ModelInfo(shape);
        var header = new CHeaderOptions("net");
        using var text = new StringWriter();
        CWriter.Write(text, other, info, header);
        foreach ((ExportFormat format, Action<Stream> write) in ((ExportFormat, Action<Stream>)[])
        [
            (ExportFormat.Pt, stream => TorchWriter.WriteStateDict(stream, other)),
            (ExportFormat.SafeTensors, stream => TorchWriter.WriteSafeTensors(stream, other)),
            (ExportFormat.Onnx, stream => OnnxWriter.Write(stream, other, info)),
            (ExportFormat.C, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString()))),
        ])
        {
            var request = new ExportRequest(format, "net", format == ExportFormat.C ? header : null, Check: true);
            CheckResult? whole = Check(request, write, bytes => bytes);
            if (whole is null) continue; // no compiler
            Assert.Null(whole.Fault);
            Assert.False(whole.IsSame, $"{format}: {whole.Difference}, {whole.Allowed} allowed");
            CheckResult? cut = Check(request, write, bytes => bytes[..(bytes.Length / 2)]);
            Assert.False(cut!.IsSame);
            Assert.NotNull(cut.Fault);
        }

        CheckResult? Check(ExportRequest request, Action<Stream> write, Func<byte[], byte[]> change)
        {
            using var stream = new MemoryStream();
            write(stream);
            return ExportCheck.Run(request, change(stream.ToArray()), network, info,
                new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null));
        }
    }

    [Fact]
    public void On_standard_output_the_file_is_alone_and_the_check_is_on_standard_error()
    {
        using var folder = new TempFolder();
        CliResult result = Cli.Run("export", Save(folder, "lstm 4"), "--to", "onnx", "--out", "-", "--check");
        Assert.Equal(ExitCode.Success, result.Code);
        Assert.Contains("run beside the model: its graph, node by node; 8 sequences", result.Error);
        Assert.DoesNotContain("run beside", result.Out);
    }

    private static string Save(TempFolder folder, string layers)
    {
        string path = folder.At("model.safetensors");
        Network<float> network = Random<float>(new NetworkShape(6, LayerText.TryRead(layers)!, 4));
        ModelFile.Save(path, network, new ModelInfo(network.Shape));
        return path;
    }

    private static Network<T> Random<T>(NetworkShape shape)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(shape);
        var random = new Random(1);
        foreach (ref T weight in network.Parameters) weight = T.CreateTruncating((float)(random.NextDouble() - 0.5));
        return network;
    }
}
