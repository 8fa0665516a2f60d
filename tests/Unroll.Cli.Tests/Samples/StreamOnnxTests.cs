using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Packaging;
using Unroll.Cli.Tests.Sequences;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Samples;

/// <summary>
/// The sample that steps a stream by ONNX Runtime alone: what it says of each row is what the command says. It has no reference
/// to the library.
/// </summary>
[Collection("dotnet")]
public sealed partial class StreamOnnxTests
{
    private const string Name = "stream-onnx.cs";

    [Fact]
    public async Task Every_step_of_a_stream_is_answered_as_by_the_command()
    {
        CancellationToken end = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        string program = await Build(end);

        // Tags of machines in turn, with values that are missing: labels.
        string machines = SeriesFiles.Machines(folder), tags = folder.At("tags");
        Train("tag", "--data", machines, "--group", "machine", "--target", "alarm", "--ignore", "state,life", "--missing",
            "forward", "--cell", "lstm", "--layers", "2", "--out", tags);
        string[][] rows = [.. File.ReadLines(machines).Skip(1).Select((row, i) => row.Split(',') is var cells && i % 4 == 3
            ? (string[])[cells[0], ""] : [cells[0], cells[1]])];
        string table = "machine,signal\n" + string.Join('\n', rows.Select(row => string.Join(',', row)));
        string[] expected = [.. Cli.RunWith(table, "predict", tags, "--stream", "--json").Json
            .Select(line => line.GetProperty("classes")[0].GetString()!)];
        Assert.Equal(rows.Length, expected.Length);
        string[] said = await Run(program, Export(folder, tags, "tags.onnx"), rows.Select((row, i) =>
            i > 0 && row[0] != rows[i - 1][0] ? $"\n{row[1]} " : $"{row[1]} "), end); // a blank one is no empty line
        Assert.Equal(expected, said);
        Assert.Equal(2, said.Distinct().Count());

        // The last of the rows of a window, with their times: numbers.
        string readings = SeriesFiles.Readings(folder), run = folder.At("forecast");
        Train("forecast", "--data", readings, "--target", "power", "--horizon", "3", "--window", "8", "--calendar", "hour",
            "--window-scale", "none", "--segment", "1", "--cell", "gru", "--out", run);
        said = await Run(program, Export(folder, run, "forecast.onnx"), File.ReadLines(readings).TakeLast(8), end);
        Assert.Equal(8, said.Length);
        double[] forecast = [.. Cli.Run("predict", run, "--data", readings).OutLines.Skip(1).Select(line =>
            double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];
        Close(forecast, said[^1]);

        // Symbols of a task of the paper, which begins at zeros.
        string order = folder.At("order");
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "temporal-order", "--length", "10", "--updates", "20", "--batch",
            "5", "--validation", "20", "--stack", "gru:7,lstm:5", "--out", order).Code);
        int[] symbols = [1, 0, 4, 5, 3, 2, 2];
        said = await Run(program, Export(folder, order, "order.onnx"), symbols.Select(one => $"{one}"), end);
        JsonElement answer = Cli.RunWith($"[{string.Join(',', symbols)}]\n", "predict", Path.Combine(order, "model.safetensors"))
            .Json[^1];
        Close([.. answer.GetProperty("probabilities").EnumerateArray().Select(one => one.GetDouble())], said[^1]);
    }

    [Fact]
    public void It_needs_ONNX_Runtime_alone_of_the_version_that_is_tested()
    {
        string directives = string.Join('\n',
            File.ReadLines(Sample).Where(line => line.StartsWith("#:", StringComparison.Ordinal)));
        string packages = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "Directory.Packages.props"));
        string version = Regex.Match(packages, "\"Microsoft.ML.OnnxRuntime\" Version=\"([^\"]+)\"").Groups[1].Value;
        Assert.EndsWith($"#:package Microsoft.ML.OnnxRuntime@{version}", directives);
        Assert.DoesNotContain("#:project", directives);
    }

    private static string Sample => Path.Combine(RepositoryRoot.Path, "samples", "serving", Name);

    private static void Train(params string[] words) =>
        Assert.Equal(ExitCode.Success, Cli.Run(["train", .. words, "--hidden", "6", "--epochs", "1"]).Code);

    private static string Export(TempFolder folder, string run, string name)
    {
        string model = File.Exists(Path.Combine(run, "best.safetensors")) ? "best.safetensors" : "model.safetensors";
        Assert.Equal(ExitCode.Success, Cli.Run("export", Path.Combine(run, model), "--out", folder.At(name)).Code);
        return folder.At(name);
    }

    private static void Close(double[] expected, string line)
    {
        double[] actual = [.. line.Split(',').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
    }

    private static async Task<string[]> Run(string program, string model, IEnumerable<string> lines, CancellationToken end)
    {
        var start = new ProcessStartInfo("dotnet", [program, model])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(end), error = process.StandardError.ReadToEndAsync(end);
        await process.StandardInput.WriteAsync(string.Join('\n', lines) + "\n");
        process.StandardInput.Close();
        await process.WaitForExitAsync(end);
        Assert.True(process.ExitCode == 0, await error);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>The sample with the settings of the repository, which say the package's version.</summary>
    private static async Task<string> Build(CancellationToken end)
    {
        string folder = Path.Combine(RepositoryRoot.Path, "artifacts", "samples", "stream-onnx");
        Directory.CreateDirectory(folder);
        string text = await File.ReadAllTextAsync(Sample, end);
        await File.WriteAllTextAsync(Path.Combine(folder, Name), Directive().Replace(text, ""), end);
        await File.WriteAllTextAsync(Path.Combine(folder, "Stream.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <EnableDefaultItems>false</EnableDefaultItems>
                <OutputPath>$(MSBuildThisFileDirectory)bin/</OutputPath>
                <IntermediateOutputPath>$(MSBuildThisFileDirectory)obj/</IntermediateOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <Compile Include="{Name}" />
                <PackageReference Include="Microsoft.ML.OnnxRuntime" />
              </ItemGroup>
              <Target Name="DropOtherRuntimes" AfterTargets="ResolvePackageAssets">
                <ItemGroup>
                  <RuntimeTargetsCopyLocalItems Remove="@(RuntimeTargetsCopyLocalItems)"
                    Condition="'%(RuntimeIdentifier)' != '$(NETCoreSdkPortableRuntimeIdentifier)'" />
                </ItemGroup>
              </Target>
            </Project>
            """, end);
        ProgramResult build = await DotnetCommand.Run(folder, "build", "Stream.csproj", "-v:quiet",
            "-nologo", "-nodeReuse:false", "-c", DotnetCommand.Configuration);
        build.RequireSuccess("the build of the sample that steps a stream");
        return Path.Combine(folder, "bin", "Stream.dll");
    }

    [GeneratedRegex("^#:.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
