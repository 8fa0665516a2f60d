using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Packaging;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Samples;

/// <summary>The code that readers copy compiles and runs: README blocks are samples, and samples run.</summary>
[Collection("dotnet")]
public partial class SampleTests
{
    private const int LongestReadmeProgram = 25;

    /// <summary>The samples that are of studies, whose library is another.</summary>
    private const string OfStudies = "11-your-own-study.cs", OfParts = "16-your-own-parts.cs",
        OfOwnData = "17-study-of-your-own-data.cs";

    /// <summary>The one sample that reads a table, whose readers are another library too.</summary>
    private const string OfTables = "12-forecast.cs";

    [Fact]
    public void Each_program_in_the_README_is_a_sample()
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"));
        IReadOnlyList<string> problems = Problems(readme, name =>
        {
            string path = Path.Combine(RepositoryRoot.Path, "samples", name);
            return File.Exists(path) ? File.ReadAllText(path) : null;
        });
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void A_README_that_strays_from_its_samples_is_caught()
    {
        static string? Sample(string name) => name == "01-a.cs" ? "#:project ../src/Unroll/Unroll.csproj\n\nint a = 1;\n" : null;
        const string Good = "Text\n<!-- sample: 01-a.cs -->\n```csharp\nint a = 1;\n```\n";
        Assert.Empty(Problems(Good, Sample));
        Assert.Empty(Problems(Good.ReplaceLineEndings("\r\n"), Sample));
        Assert.Single(Problems(Good.Replace("a = 1", "a = 2", StringComparison.Ordinal), Sample));
        Assert.Single(Problems(Good.Replace("01-a", "02-b", StringComparison.Ordinal), Sample));
        Assert.Single(Problems("```csharp\nint a = 1;\n```\n", Sample));
        Assert.Single(Problems("<!-- sample: 01-a.cs -->\nno program follows\n", Sample));
        string many = string.Concat(Enumerable.Repeat("a();\n", LongestReadmeProgram + 1));
        Assert.Single(Problems($"<!-- sample: 01-a.cs -->\n```csharp\n{many}```\n", _ => many));
    }

    [Fact]
    public async Task A_sample_runs_as_a_reader_runs_it()
    {
        const string Name = "01-temporal-order.cs";
        string folder = await Copy("sample", Name, keepDirectives: true);
        ProgramResult result = await DotnetCommand.RunProgram(
            "dotnet", folder, new Dictionary<string, string>(), "run", "-c", DotnetCommand.Configuration, "--file", Name);
        RequireRun(Name, result);
    }

    /// <summary>
    /// As <c>dotnet run</c> builds each: a program of one file with the repository's settings and analyzers, warnings being
    /// errors, against the library that was built with these tests. One project makes them all.
    /// </summary>
    [Fact]
    public async Task Each_sample_compiles_and_runs()
    {
        string[] names = [.. Directory.GetFiles(Samples, "*.cs").Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];
        string folder = Copies("samples");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); // a sample that is no more would be built
        foreach (string name in names) await Copy("samples", name, keepDirectives: false);
        string library = DotnetCommand.BuildOutput("Unroll.Cli"), bin = Path.Combine(folder, "bin");
        await File.WriteAllTextAsync(Path.Combine(folder, "Samples.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <IsAotCompatible>true</IsAotCompatible>
                <EnableDefaultItems>false</EnableDefaultItems>
                <OutputPath>$(MSBuildThisFileDirectory)bin/</OutputPath>
              </PropertyGroup>
              <ItemGroup>
                <Sample Include="*.cs" Libraries="{library}/Unroll.dll" />
                <Sample Update="{OfTables}" Libraries="{library}/Unroll.Data.dll;{library}/Sep.dll;{library}/Unroll.dll" />
                <Sample Update="{OfStudies};{OfParts};{OfOwnData}"
                        Libraries="{library}/Unroll.Studies.dll;{library}/Unroll.dll" />
              </ItemGroup>
              <!-- What the SDK's own target gives the compiler, once for each sample. -->
              <Target Name="CompileSamples" DependsOnTargets="PrepareForBuild;ResolveReferences;
                      $(CoreCompileDependsOn);GenerateBuildRuntimeConfigurationFiles">
                <Csc Sources="%(Sample.Identity);@(Compile)" References="@(ReferencePath);%(Sample.Libraries)"
                     OutputAssembly="bin/%(Sample.Filename).dll" TargetType="exe" NoStandardLib="true" NoConfig="true"
                     Analyzers="@(Analyzer)" AnalyzerConfigFiles="@(EditorConfigFiles)" AdditionalFiles="@(AdditionalFiles)"
                     DefineConstants="$(DefineConstants)" DisabledWarnings="$(NoWarn)" WarningLevel="$(WarningLevel)"
                     TreatWarningsAsErrors="$(TreatWarningsAsErrors)" LangVersion="$(LangVersion)" Nullable="$(Nullable)"
                     AllowUnsafeBlocks="$(AllowUnsafeBlocks)" Features="$(Features)" Optimize="$(Optimize)" Deterministic="true"
                     UseSharedCompilation="true" />
                <ItemGroup>
                  <Used Include="{library}/*.dll;{library}/runtimes/$(NETCoreSdkPortableRuntimeIdentifier)/native/*sqlite3*" />
                </ItemGroup>
                <Copy SourceFiles="@(Used)" DestinationFolder="bin" />
              </Target>
            </Project>
            """, TestContext.Current.CancellationToken);
        ProgramResult build = await DotnetCommand.Run(folder, "msbuild", "Samples.csproj", "-restore", "-t:CompileSamples",
            "-v:quiet", "-nologo", "-nodeReuse:false", $"-p:Configuration={DotnetCommand.Configuration}");
        build.RequireSuccess("the build of the samples");
        string readme = await File.ReadAllTextAsync(Path.Combine(Samples, "README.md"), TestContext.Current.CancellationToken);
        List<string> problems = [];
        foreach (string name in names)
        {
            string program = Path.GetFileNameWithoutExtension(name);
            ProgramResult result = await DotnetCommand.Run(folder, "exec", "--runtimeconfig",
                Path.Combine(bin, "Samples.runtimeconfig.json"), Path.Combine(bin, $"{program}.dll"));
            RequireRun(name, result);
            problems.AddRange(SampleOutput.Problems(readme, name, result.Output));
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void A_shown_output_that_strays_from_its_sample_is_caught()
    {
        const string Shown = "update 100:  12.5% wrong\nUnsolved: 3 of 4, 1.2E-003", Printed = "update   5: 7% wrong\r\n";
        const string Readme = $"Text `01-a.cs`, a word:\n\n```\n{Shown}\n```\n\n`02-b.cs`:\n";
        Assert.Empty(SampleOutput.Problems(Readme, "01-a.cs", $"{Printed}{Printed}Solved: 1 of 2, -3\n"));
        Assert.Equal(2, SampleOutput.Problems(Readme, "01-a.cs", "step 5: 7% wrong\nSolved: 1 of 2, 3\n").Count);
        Assert.Single(SampleOutput.Problems(Readme, "01-a.cs", "update 5: 7% wrong\n"));
        Assert.Single(SampleOutput.Problems(Readme, "02-b.cs", "any"));
        string wide = "update 1".PadRight(75) + ": 7% wrong";
        Assert.Contains("85 columns", Assert.Single(SampleOutput.Problems(Readme, "01-a.cs", $"{wide}\nSolved: 1 of 2, 3\n"),
            problem => problem.Contains("columns", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_sample_needs_one_library_alone()
    {
        foreach (string sample in Directory.GetFiles(Samples, "*.cs"))
        {
            IEnumerable<string> directives = File.ReadLines(sample)
                .Where(line => line.StartsWith("#:", StringComparison.Ordinal));
            string library = Path.GetFileName(sample) switch
            {
                OfStudies or OfParts or OfOwnData => "Unroll.Studies",
                OfTables => "Unroll.Data",
                _ => "Unroll",
            };
            Assert.Equal([$"#:project ../src/{library}/{library}.csproj"], directives);
        }
    }

    private static string Samples => Path.Combine(RepositoryRoot.Path, "samples");

    private static string Copies(string folder) => Path.Combine(RepositoryRoot.Path, "artifacts", "samples", folder);

    /// <summary>
    /// A copy with a small budget, in a folder of its own from which the same build settings and the same project are seen.
    /// </summary>
    private static async Task<string> Copy(string folder, string name, bool keepDirectives)
    {
        string to = Copies(folder);
        Directory.CreateDirectory(to);
        string[] reads = [.. Directory.GetFiles(Samples, "*.safetensors"), .. Directory.GetFiles(Samples, "*.csv")];
        foreach (string read in reads)
            File.Copy(read, Path.Combine(to, Path.GetFileName(read)), overwrite: true);
        string text = await File.ReadAllTextAsync(Path.Combine(Samples, name), TestContext.Current.CancellationToken);
        (string budget, string small, _) = Expected(name);
        Assert.Contains(budget, text);
        text = text.Replace(budget, small, StringComparison.Ordinal);
        text = keepDirectives ? text.Replace("#:project ../src/", "#:project ../../../src/", StringComparison.Ordinal)
            : Directive().Replace(text, "");
        await File.WriteAllTextAsync(Path.Combine(to, name), text, TestContext.Current.CancellationToken);
        return to;
    }

    private static void RequireRun(string name, ProgramResult result)
    {
        result.RequireSuccess(name);
        string output = Expected(name).Output;
        Assert.True(Regex.IsMatch(result.Output, output), $"{name} printed something else than {output}:\n{result.Output}");
    }

    [GeneratedRegex("^#:.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    /// <summary>The text of a sample that sets its budget, a small one, and what it must print then.</summary>
    private static (string Budget, string Small, string Output) Expected(string sample) => sample switch
    {
        "01-temporal-order.cs" =>
            ("200_000", "200",
                @"update +200: +\d+\.\d\d ?% wrong,"
                    + @" \d+ updates a second\s+Unsolved: \d+\.\d\d ?% wrong on 10000 fresh sequences of 150 steps"),
        "02-your-own-task.cs" => ("20_000", "500", @"update +500: +\d+\.\d\d ?% wrong\s+(Unsolved|Solved) after 500 updates"),
        "03-remedies-by-hand.cs" =>
            ("update < 5", "update < 3",
                @"^(cost \d+\.\d{4}, \|dE/dh\| last \d\.\dE[-+]\d+, first \d\.\dE[-+]\d+, Omega \d+\.\d{3},"
                    + @" norm \d+\.\d{3}\s+){3}$"),
        "04-text.cs" => ("MaximumEpochs = 60", "MaximumEpochs = 2", @"^\d+ updates: \d+\.\d\d bits a character\s+this is the "),
        "07-music.cs" =>
            ("MaximumEpochs = 300", "MaximumEpochs = 2",
                @"^\d+ updates: \d+\.\d\d nats a step\s+\S+broken-chords\.mid: \d+ steps\s*$"),
        "05-why-does-it-not-learn.cs" =>
            ("Batches = 5", "Batches = 1",
                @"^Sigmoid +Vanishing beyond lag \d\s[^$]*Orthogonal +Healthy\s+a step: 0\.9\d+ measured, 1\.0\d+ at most"),
        "06-dynamics.cs" =>
            ("sequences = 20", "sequences = 1",
                @"^\d+ fixed and \d+ slow points from 6 starts\s+fixed +q \d[^$]* after none +crosses a boundary at \d of 1"
                    + @" steps[^$]*\d of 1 sequences cross at a distractor, at most \d+ steps after A or B"),
        "08-what-omega-keeps.cs" =>
            ("Sequences = 20, Derived = 5", "Sequences = 1, Derived = 1",
                @"^norm ratio along dE/dx +[01]\.\d{3} \[[^$]*largest Lyapunov exponent +-?0\.\d{3} \[[^$]*dOmega/dW_rec,"
                    + @" Paper +cosine of immediate and full 0\.\d\d, norms \d"),
        "09-when-gradients-explode.cs" =>
            ("Updates = 12_000", "Updates = 200",
                @"^clipped, from smart tanh, seed 1: Unsolved[^$]*sigma_max above 1 at update 100 \(1\.9\),"
                    + @" spectral radius at no check[^$]*not clipped, from orthogonal, seed 2: Unsolved"),
        "10-your-own-optimizer.cs" =>
            ("10_000", "1_000",
                @"^Lion: \d+\.\d\d ?% wrong at best, 1000 updates,"
                    + @" longest gradient \d+\.\d\d\s+cut in two and resumed: the same bits\s*$"),
        OfStudies =>
            ("MaximumUpdates = 2_000", "MaximumUpdates = 200",
                @"^(\[\d+/24\] steps=[13]0 init=\S+ seed=\d: \w+ after \d+ updates\s+){24}(steps=\S+ init=\S+ +\d of 6 solved,"
                    + @" 95% interval \[\S+, \S+\]\s+){4}smart-tanh \d+/12 against orthogonal \d+/12: [^$]*complete:"
                    + @" runs/first-symbol/report\.html\s*$"),
        OfParts =>
            ("MaximumUpdates = 2_000", "MaximumUpdates = 200",
                @"^(\[\d+/24\] part=\S+ seed=\d: \w+ after \d+ updates\s+){24}(part=\S+ +\d of 6 solved,"
                    + @" 95% interval \[\S+, \S+\]\s+){4}(\S+ \d+/6 against \S+ \d+/6: [^\n]*\s+p = [^\n]*\s+){6}$"),
        OfOwnData => ("MaximumEpochs = 20", "MaximumEpochs = 1", @"^(past=\d\d decoding=\w+ +\d\.\d{4}\s+){4}$"),
        OfTables =>
            ("MaximumEpochs = 10", "MaximumEpochs = 4",
                @"^(epoch \d: validation \d\.\d{4}\s+){4}error 0\.\d\d times that of the last value\s*$"),
        "13-classify.cs" => ("MaximumEpochs = 20", "MaximumEpochs = 5", @"^\d+ of \d+ right\s*$"),
        "14-regress.cs" =>
            ("MaximumEpochs = 20", "MaximumEpochs = 5", @"^wrong by \d\.\d\d where speeds differ by 2\.25 from their mean\s*$"),
        "15-tag.cs" => ("MaximumEpochs = 30", "MaximumEpochs = 5", @"^\d+ of 600 steps right\s*$"),
        _ => throw new ArgumentException($"Say here what samples/{sample} must print."),
    };

    private static List<string> Problems(string readme, Func<string, string?> sample)
    {
        List<string> problems = [];
        readme = readme.ReplaceLineEndings("\n");
        MatchCollection blocks = ReadmeBlock().Matches(readme);
        foreach (Match block in blocks)
        {
            string name = block.Groups["name"].Value, code = Essence(block.Groups["code"].Value);
            if (name.Length == 0)
                problems.Add(
                    $"The README's program that begins \"{code.Split('\n')[0]}\" has no <!-- sample: NAME.cs --> line "
                        + "before it.");
            else if (sample(name) is not { } text)
                problems.Add($"The README shows samples/{name}, which does not exist.");
            else if (Essence(text) != code)
                problems.Add($"The README's copy of samples/{name} differs from the file.");
            else if (code.Split('\n').Length > LongestReadmeProgram)
                problems.Add($"samples/{name} has more than {LongestReadmeProgram} lines.");
        }

        foreach (string name in SampleComment().Matches(readme).Select(match => match.Groups["name"].Value))
        {
            if (!blocks.Any(block => block.Groups["name"].Value == name))
                problems.Add($"No ```csharp block follows <!-- sample: {name} --> in the README.");
        }

        return problems;
    }

    // Lines such as "#:project ..." tie a sample to this repository; a reader references the package instead.
    private static string Essence(string code) => string.Join('\n',
        code.ReplaceLineEndings("\n").Split('\n').Where(line =>
            !line.StartsWith("#:", StringComparison.Ordinal) && !line.StartsWith("#!", StringComparison.Ordinal))).Trim();

    [GeneratedRegex(@"(?:<!--\s*sample:\s*(?<name>\S+\.cs)\s*-->\s*\n)?```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex ReadmeBlock();

    [GeneratedRegex(@"<!--\s*sample:\s*(?<name>\S+\.cs)\s*-->")]
    private static partial Regex SampleComment();
}
