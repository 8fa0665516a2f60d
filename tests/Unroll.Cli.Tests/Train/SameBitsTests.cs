using System.Diagnostics;

namespace Unroll.Cli.Tests.Train;

/// <summary>A run in double with noise has the same bits however the runtime compiles the program.</summary>
public static class SameBitsTests
{
    [Fact]
    public static void Noise_depends_neither_on_instruction_set_nor_on_how_code_is_compiled()
    {
        using var folder = new TempFolder();
        byte[] expected = Model("none", "1");
        foreach ((string name, string value) in ((string, string)[])[("DOTNET_EnableAVX", "0"), ("DOTNET_TieredCompilation", "0"),
            ("DOTNET_EnableHWIntrinsic", "0")])
            Assert.True(expected.AsSpan().SequenceEqual(Model(name, value)), $"{name}={value} changes bits");

        byte[] Model(string name, string value)
        {
            var environment = new Dictionary<string, string> { [name] = value, ["UNROLL_KERNEL"] = "reference" };
            using Process process = Cli.Start(environment,
                ["train", "--out", folder.At(name), "--updates", "40", "--weight-noise", "0.05",
                "--state-noise", "0.1", "--precision", "double", "--stop", "budget", .. Cli.Small]);
            CliResult result = process.Finish();
            Assert.True(result.Code == ExitCode.Unsolved, result.Error);
            return File.ReadAllBytes(folder.At($"{name}/model.safetensors"));
        }
    }
}
