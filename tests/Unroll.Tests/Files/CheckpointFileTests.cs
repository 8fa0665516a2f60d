using System.Globalization;
using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class CheckpointFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Name => _folder["checkpoint.safetensors"];

    public void Dispose() => _folder.Dispose();

    private static Checkpoint Sample() => new(
        new Dictionary<string, string>
        {
            ["update"] = "2000",
            ["rate"] = ExactNumber.ToText(0.1),
            ["empty"] = "",
            ["options"] = """{"a":"ü"}""",
        },
        new Dictionary<string, Array>
        {
            ["parameters"] = (float[])[1f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon],
            ["adam.second"] = (double[])[0.1, BitConverter.UInt64BitsToDouble(0x7ff8_0000_dead_beef), double.MinValue],
            ["counters"] = (long[])[long.MaxValue, -1],
            ["flags"] = (byte[])[0, 255],
            ["nothing"] = Array.Empty<float>(),
        });

    [Fact]
    public void Everything_comes_back_bit_for_bit()
    {
        CheckpointFile.Write(Name, Sample());
        Checkpoint read = CheckpointFile.Read(Name);
        Assert.Equal(Sample().Properties.OrderBy(p => p.Key), read.Properties.OrderBy(p => p.Key));
        Assert.Equal(Sample().Tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string name, Array expected) in Sample().Tensors)
        {
            Array actual = read.Tensors[name];
            Assert.Equal(expected.GetType(), actual.GetType());
            Assert.Equal(Bits(expected), Bits(actual));
        }

        static byte[] Bits(Array array)
        {
            var bytes = new byte[Buffer.ByteLength(array)];
            Buffer.BlockCopy(array, 0, bytes, 0, bytes.Length);
            return bytes;
        }
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes_whatever_its_order()
    {
        CheckpointFile.Write(Name, Sample());
        Checkpoint reversed = new(Sample().Properties.Reverse().ToDictionary(), Sample().Tensors.Reverse().ToDictionary());
        CheckpointFile.Write(_folder["again"], reversed);
        Assert.Equal(File.ReadAllBytes(Name), File.ReadAllBytes(_folder["again"]));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_previous_one()
    {
        CheckpointFile.Write(Name, Sample());
        byte[] before = File.ReadAllBytes(Name);
        Assert.Throws<ArgumentException>(
            () => CheckpointFile.Write(Name, new(Sample().Properties, new Dictionary<string, Array> { ["a"] = new int[3] })));
        Assert.Equal(before, File.ReadAllBytes(Name));
        Assert.Equal([Name], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Other_files_are_refused()
    {
        var shape = new NetworkShape(1, 1, 1);
        ModelFile.Save(Name, new Network<float>(shape), new ModelInfo(shape));
        Assert.Equal($"{Name} is a 'model' file where a checkpoint is expected.",
            Assert.Throws<InvalidFileException>(() => CheckpointFile.Read(Name)).Message);
        CheckpointFile.Write(Name, Sample());
        Assert.Equal($"{Name} is a 'checkpoint' file where a model is expected.",
            Assert.Throws<InvalidFileException>(() => ModelFile.Load<float>(Name)).Message);
        using (FileStream stream = File.Create(Name)) SafeTensors.Write(stream, [], [SafeTensor.Of("a", [1f])]);
        TempFolder.AssertSentence(Assert.Throws<InvalidFileException>(() => CheckpointFile.Read(Name)), Name);
        Assert.Throws<FileNotFoundException>(() => CheckpointFile.Read(_folder["none"]));
    }

    [Fact]
    public void Damage_anywhere_is_refused_or_changes_nothing()
    {
        CheckpointFile.Write(Name, Sample());
        byte[] bytes = File.ReadAllBytes(Name);
        string damagedPath = _folder["damaged"];
        int refused = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= (byte)(1 << (i & 7));
            File.WriteAllBytes(damagedPath, damaged);
            try
            {
                CheckpointFile.Write(_folder["again"], CheckpointFile.Read(damagedPath));
                Assert.Equal(bytes, File.ReadAllBytes(_folder["again"]));
            }
            catch (InvalidFileException)
            {
                refused++;
            }
        }

        Assert.True(refused > bytes.Length - 10, $"{refused} of {bytes.Length}");
    }

    [Fact]
    public void Numbers_as_text_give_back_every_bit_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("")
            {
                NumberFormat = { NegativeSign = "~", NumberDecimalSeparator = "," },
            };
            var random = new Random(3);
            double[] special = [0, -0.0, 0.1, double.NaN, -double.NaN, double.PositiveInfinity, double.NegativeInfinity,
                double.Epsilon, double.MaxValue, 1e16];
            foreach (double value in special.Concat(Enumerable.Range(0, 20_000).Select(
                _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)))))
            {
                Assert.True(ExactNumber.TryParse(ExactNumber.ToText(value), out double back));
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(back));
            }

            Assert.Equal("0.1", ExactNumber.ToText(0.1));
            foreach (string? text in (string?[])[null, "", "x", "0x", "0xg", "1 2", "0x00000000000000000"])
                Assert.False(ExactNumber.TryParse(text, out _), text);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
