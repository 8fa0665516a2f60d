using System.Text;
using Unroll.Files;
using Unroll.Interop.Tests.Series;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>What the reader makes of what the writer wrote, whole and damaged.</summary>
public class OnnxReaderTests
{
    public static TheoryData<string> Stacks => [.. Networks.Stacks.Keys];

    [Theory]
    [MemberData(nameof(Stacks))]
    public void What_was_written_is_read_back_bit_for_bit(string stack)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            bool every = head.ToString().EndsWith("Every", StringComparison.Ordinal);
            var shape = new NetworkShape(3, Networks.Stacks[stack], 4)
            {
                Encoding = (InputEncoding)((int)head % 3),
                Head = head,
                Biases = (int)head % 4 != 0,
                LearnedInitialState = (int)head % 2 == 0,
                Read = every ? StateReading.Last : (StateReading)((int)head % 3),
                Quantiles = head.ToString().StartsWith("Quantile", StringComparison.Ordinal) ? [0.1, 0.9] : [0.5],
            };
            Network<float> network = Networks.Random<float>(shape);
            var info = new ModelInfo(shape) { Seed = 9, Properties = new Dictionary<string, string> { ["task"] = "addition" } };
            Network<float> back = ModelFile.Load<float>(OnnxReader.Read(Bytes(network, info), "a.onnx", out _),
                out ModelInfo said);
            Assert.Equal(shape, said.Shape);
            Assert.Equal("addition", said.Task);
            foreach (ParameterBlock block in network.Blocks)
            {
                float[] before = network.Parameter(block.Name).ToArray(), after = back.Parameter(block.Name).ToArray();
                if (!block.Name.StartsWith("leak", StringComparison.Ordinal)) Assert.Equal(before, after);
                else for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i],
                    1e-5); // the logistic function of it is kept
            }
        }
    }

    [Fact]
    public void Models_of_own_data_keep_their_encoder()
    {
        foreach (string name in SeriesModels.Names)
        {
            SeriesCase one = SeriesModels.Make(name);
            Network<float> back = ModelFile.Load<float>(
                OnnxReader.Read(Bytes(one.Network, one.Info), "a.onnx", out _), out ModelInfo info);
            Assert.Equal(one.Network.Parameters.ToArray(), back.Parameters.ToArray());
            Assert.Equal(one.Info.Properties["encoder"], info.Properties["encoder"]);
        }
    }

    [Fact]
    public void A_file_is_loaded_by_its_path()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(3, Networks.Stacks["lstm 2"], 2));
        string path = Path.Combine(Path.GetTempPath(), $"unroll-{Environment.ProcessId}-reader");
        try
        {
            File.WriteAllBytes(path, Bytes(network, new ModelInfo(network.Shape)));
            Assert.Equal(network.Parameters.ToArray(), OnnxReader.Load<float>(path, out _).Parameters.ToArray());
            File.WriteAllText(path, "something else");
            Assert.Contains("no", Assert.Throws<InvalidFileException>(() => OnnxReader.Load<float>(path, out _)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_cut_file_and_altered_bytes_are_refused_in_a_sentence_or_read()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(3, Networks.Stacks["gru"], 2));
        byte[] whole = Bytes(network, new ModelInfo(network.Shape));
        for (int length = 0; length < whole.Length; length += 7) Try(whole[..length], cut: true);
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] altered = [.. whole];
            for (int k = 0; k <= i % 3; k++) altered[random.Next(altered.Length)] = (byte)random.Next(256);
            Try(altered, cut: false);
        }

        static void Try(byte[] bytes, bool cut)
        {
            try
            {
                ModelFile.Load<float>(OnnxReader.Read(bytes, "a.onnx", out _), out _);
                Assert.False(cut);
            }
            catch (InvalidFileException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.Contains("a.onnx", error.Message);
            }
        }
    }

    [Fact]
    public void A_weight_that_was_altered_is_found_by_the_checksum_of_the_graph()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(3, Networks.Stacks["gru"], 2));
        byte[] whole = Bytes(network, new ModelInfo(network.Shape));
        int at = whole.AsSpan().IndexOf(System.Runtime.InteropServices.MemoryMarshal.AsBytes(network.OutputBias));
        Assert.True(at > 0);
        whole[at + 1] ^= 1;
        Assert.Contains("was altered after it was written",
            Assert.Throws<InvalidFileException>(() => OnnxReader.Read(whole, "a.onnx", out _)).Message);

        // A file of an earlier version has no checksum.
        int key = whole.AsSpan().IndexOf("unroll.graph_checksum"u8);
        whole[key] = (byte)'x';
        OnnxReader.Read(whole, "a.onnx", out _);
    }

    [Fact]
    public void A_constant_that_is_missing_or_of_another_size_is_named()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(3, Networks.Stacks["lstm"], 2));
        byte[] whole = Bytes(network, new ModelInfo(network.Shape));
        byte[] named = [.. whole];
        int at = named.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("head_weight"));
        named[at] = (byte)'x';
        Assert.Contains("lacks the constant head_weight of sizes [5, 2]",
            Assert.Throws<InvalidFileException>(() => OnnxReader.Read(named, "a.onnx", out _)).Message);
    }

    private static byte[] Bytes(Network<float> network, ModelInfo info)
    {
        using var bytes = new MemoryStream();
        OnnxWriter.Write(bytes, network, info);
        return bytes.ToArray();
    }
}
