using System.Runtime.InteropServices;

namespace Unroll.Cli.Tests.Packaging;

/// <summary>
/// Publishes a small program with warnings as errors. The trimmer keeps the whole library as a root, so that it looks at every
/// method of it. The native compiler takes what the program uses: analyzers have looked at the rest when the library was built.
/// </summary>
[Collection("dotnet")]
public class TrimmingTests
{
    private const string Program = """
        using Unroll;
        using Unroll.Remedies;

        var network = new Network<float>(new NetworkShape(4, 9, 3));
        for (int i = 0; i < network.Parameters.Length; i++) network.Parameters[i] = 0.3f * MathF.Sin(i);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(2, 5);
        for (int t = 0; t < 5; t++) batch.SetSymbol(t, t % 2, t % 4);
        batch.SetClass(4, 0, 1);
        batch.SetClass(4, 1, 2);
        using var unrolled = new UnrolledNetwork<float>(network);
        double cost = unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        new VanishingGradientRegularizer(OmegaForm.Code).AddGradient(unrolled, 2);
        ClipReport clip = new GradientClipping(ClipMode.Norm, 0.1).Apply(unrolled.Gradient);
        bool trained = cost > 0 && clip.NormBefore > 0 && double.IsFinite(clip.NormAfter);
        Console.WriteLine(trained ? "trained" : $"cost {cost}, {clip}");
        """;

    [Fact]
    public Task A_trimmed_program_trains() => PublishAndRun(
        "<PublishTrimmed>true</PublishTrimmed>", "<TrimmerRootAssembly Include=\"Unroll\" />", "trimming");

    [Fact]
    public Task A_natively_compiled_program_trains()
    {
        string[] linkers = OperatingSystem.IsWindows() ? [] : ["clang", "gcc"];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!linkers.Any(linker => folders.Any(folder => File.Exists(Path.Combine(folder, linker)))))
            Assert.Skip("Native compilation needs clang or gcc, and neither is on the PATH.");
        return PublishAndRun("<PublishAot>true</PublishAot>", "", "native compilation");
    }

    private static async Task PublishAndRun(string property, string root, string what)
    {
        using var folder = new TemporaryFolder();
        string library = DotnetCommand.BuildOutput("Unroll.Cli");
        File.WriteAllText(folder.File("App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <InvariantGlobalization>true</InvariantGlobalization>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
                <NativeDebugSymbols>false</NativeDebugSymbols>
                {property}
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{Path.Combine(library, "Unroll.dll")}" />
                <Reference Include="{Path.Combine(library, "System.Numerics.Tensors.dll")}" />
                {root}
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(folder.File("Program.cs"), Program);

        ProgramResult restore = await DotnetCommand.Run(folder.Path, "restore", "-nodeReuse:false");
        if (restore.ExitCode != 0 && (restore.Output.Contains("NU1301", StringComparison.Ordinal)
            || restore.Output.Contains("NU1101", StringComparison.Ordinal)))
            Assert.Skip($"The packages for {what} are neither in the cache nor to be had from a package source.");
        restore.RequireSuccess("dotnet restore");
        ProgramResult publish = await DotnetCommand.Run(folder.Path, "publish", "--no-restore", "-c", "Release", "-o",
            folder.File("out"), "-nodeReuse:false");
        publish.RequireSuccess($"dotnet publish ({what})");

        string program = folder.File("out", OperatingSystem.IsWindows() ? "App.exe" : "App");
        ProgramResult run = await DotnetCommand.RunProgram(program, folder.Path, new Dictionary<string, string>());
        run.RequireSuccess("the published program");
        Assert.Equal("trained", run.Output.Trim());
    }
}
