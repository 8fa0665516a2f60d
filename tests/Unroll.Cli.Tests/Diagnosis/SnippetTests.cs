using System.Diagnostics;
using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Cli.Tests.Packaging;
using Unroll.Tests;
using Unroll.Training;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>
/// The snippets of the advice do what the advice says: those of C# compile and run, those of PyTorch run where it is.
/// </summary>
[Collection("dotnet")]
public class SnippetTests
{
    /// <summary>A start that no network of the bench is advised: the snippets for them are looked at all the same.</summary>
    private static readonly string[] s_starts = ["orthogonal", "identity", "uniform", "smart-tanh", "sigmoid"];

    [Fact]
    public void Every_advice_has_snippets_that_say_why_and_what_to_expect()
    {
        foreach ((Advice advice, AdviceHow how, _) in AllAdvice())
        {
            Assert.NotEqual("", how.Torch);
            Assert.NotEqual("", how.Hurts);
            Assert.NotEqual("", how.Expect);
            if (advice.About is "inputs" or "leak" or "labels" or "order") continue; // those are of the data
            Assert.NotEqual("", how.CSharp);
        }
    }

    /// <summary>
    /// One program has them all, each as it is printed, and runs. A property that is none or a value that is out of its range
    /// ends it.
    /// </summary>
    [Fact]
    public async Task Every_snippet_of_CSharp_compiles_and_runs()
    {
        (string Text, CellKind Cell)[] snippets = [.. AllAdvice().Select(one => (one.How.CSharp, one.Shape.Layers[^1].Cell))
            .Where(one => one.CSharp.Length > 0).Distinct()];
        Assert.True(snippets.Length >= 8, $"{snippets.Length} snippets");
        string folder = Path.Combine(RepositoryRoot.Path, "artifacts", "snippets");
        Directory.CreateDirectory(folder);
        string lines = string.Concat(snippets.Select(snippet => snippet.Text.StartsWith("options ", StringComparison.Ordinal)
            ? $"Check(CellKind.{snippet.Cell}, options => {snippet.Text});\n" : $"Console.WriteLine({snippet.Text});\n"));
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), $$"""
            using Unroll;
            using Unroll.Remedies;
            using Unroll.Tasks;
            using Unroll.Training;

            {{lines}}
            // The values before are none that is advised.
            void Check(CellKind cell, Func<TrainingOptions, TrainingOptions> change)
            {
                var options = new TrainingOptions
                {
                    Cell = cell,
                    Leak = cell == CellKind.Leaky ? 0.321 : 1,
                    Initialization = Initialization.SparseIncoming,
                    Omega = 0.123,
                    ClipThreshold = 123,
                    MaximumUpdates = 1,
                    CheckEvery = 1,
                    ValidationSequences = 10,
                };
                TrainingOptions changed = change(options);
                if (changed == options) throw new InvalidOperationException("Nothing is changed.");
                using var trainer = new Trainer(new TemporalOrder(10), changed);
                trainer.Run();
                Console.WriteLine("trained");
            }
            """, cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "Snippets.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <EnableDefaultItems>false</EnableDefaultItems>
              </PropertyGroup>
              <ItemGroup>
                <Compile Include="Program.cs" />
                <Reference Include="{DotnetCommand.BuildOutput("Unroll.Cli")}/Unroll.dll" />
              </ItemGroup>
            </Project>
            """, cancellation);
        ProgramResult build = await DotnetCommand.Run(folder, "build", "-v:quiet", "-nologo", "-nodeReuse:false", "-c",
            DotnetCommand.Configuration, $"-p:OutputPath={Path.Combine(folder, "bin")}/");
        build.RequireSuccess("the build of the snippets");
        ProgramResult run = await DotnetCommand.Run(folder, Path.Combine(folder, "bin", "Snippets.dll"));
        run.RequireSuccess("the snippets");
        Assert.Equal(snippets.Length, run.Output.Split('\n').Count(line => line.Trim().Length > 0));
    }

    /// <summary>
    /// <c>tests/interop/check_snippets.py</c> runs each behind the names that it speaks of and looks at what it changed. With
    /// UNROLL_SNIPPETS the snippets are also written to a file, for a PyTorch elsewhere.
    /// </summary>
    [Fact]
    public async Task Every_snippet_of_PyTorch_does_what_its_advice_says_where_PyTorch_is()
    {
        using var folder = new TempFolder();
        string file = Environment.GetEnvironmentVariable("UNROLL_SNIPPETS") ?? folder.At("snippets.jsonl");
        await File.WriteAllLinesAsync(file, AllAdvice().Concat(Starts()).Select(Line), TestContext.Current.CancellationToken);
        string script = Path.Combine(RepositoryRoot.Path, "tests", "interop", "check_snippets.py");
        if (Python(script) is not { Code: 0 }) Assert.Skip("python3 with PyTorch is not installed.");
        (int code, string output) = Python(script, file)!.Value;
        Assert.True(code == 0, output);
    }

    private static string Line((Advice Advice, AdviceHow How, NetworkShape Shape) one) =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["about"] = one.Advice.About,
            ["text"] = one.Advice.Text,
            ["value"] = one.Advice.Value,
            ["torch"] = one.How.Torch,
            ["cell"] = one.Shape.Layers[^1].Cell switch { CellKind.Lstm => "LSTM", CellKind.Gru => "GRU", _ => "RNN" },
        });

    /// <summary>What is advised for every kind of ill network, in every cell.</summary>
    private static IEnumerable<(Advice Advice, AdviceHow How, NetworkShape Shape)> AllAdvice()
    {
        var options = new DiagnosisOptions { Batches = 1, Rows = 3 };
        foreach (Illness illness in IllNetworks.All)
        {
            foreach (CellKind cell in illness.Cells)
            {
                IllNetwork ill = IllNetworks.Make(illness.Name, cell, 3);
                GradientDiagnosis d =
                    GradientDiagnosis.Measure(ill.Network, ill.Task, options, null, TestContext.Current.CancellationToken);
                IReadOnlyList<Advice> advice = Advice.Of(
                    d, ill.Task, ill.Network.Shape, DataAdvice.Of(ill.Task, 3, ill.Network, d), ill.Rate);
                foreach (Advice one in advice.Where(one => one.Asks))
                    yield return (one, AdviceHow.Of(one, ill.Network.Shape), ill.Network.Shape);
            }
        }
    }

    private static IEnumerable<(Advice Advice, AdviceHow How, NetworkShape Shape)> Starts()
    {
        var shape = new NetworkShape(6, LayerList.Repeat(new LayerShape(20), 2), 4);
        foreach (string start in s_starts)
        {
            var advice = new Advice("init", $"--init {start}", "", "");
            yield return (advice, AdviceHow.Of(advice, shape), shape);
        }

        var layers = new Advice("layers", "fewer layers", "", "");
        yield return (layers, AdviceHow.Of(layers, shape), shape);
    }

    /// <summary>Runs a script; null where there is no Python.</summary>
    private static (int Code, string Output)? Python(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("python3", arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using Process python = Process.Start(start)!;
            Task<string> error = python.StandardError.ReadToEndAsync();
            string output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return (python.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
