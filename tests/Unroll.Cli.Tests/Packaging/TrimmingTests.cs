using System.Runtime.InteropServices;

namespace Unroll.Cli.Tests.Packaging;

/// <summary>
/// Publishes a small program with warnings as errors. The trimmer keeps the libraries and the command as roots, so that it looks
/// at every method of them, as its analyzers would when they are built. The native compiler takes what the program uses.
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

    private static readonly string[] s_ours = ["Unroll", "Unroll.Data", "Unroll.Interop", "Unroll.Studies", "Unroll.Cli"];

    [Fact]
    public Task A_trimmed_program_trains()
    {
        string[] libraries = Directory.GetFiles(DotnetCommand.BuildOutput("Unroll.Cli"), "*.dll");
        Assert.Empty(s_ours.Except(libraries.Select(library => Path.GetFileNameWithoutExtension(library))));
        string roots = string.Concat(s_ours.Select(name => $"<TrimmerRootAssembly Include=\"{name}\" />"));
        return PublishAndRun("<PublishTrimmed>true</PublishTrimmed>", libraries, roots, "trimming");
    }

    [Fact]
    public Task A_natively_compiled_program_trains()
    {
        string[] linkers = OperatingSystem.IsWindows() ? [] : ["clang", "gcc"];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!linkers.Any(linker => folders.Any(folder => File.Exists(Path.Combine(folder, linker)))))
            Assert.Skip("Native compilation needs clang or gcc, and neither is on the PATH.");
        string[] libraries = [.. ((string[])["Unroll.dll", "System.Numerics.Tensors.dll"]).Select(name =>
            Path.Combine(DotnetCommand.BuildOutput("Unroll.Cli"), name))];
        return PublishAndRun("<PublishAot>true</PublishAot>", libraries, "", "native compilation");
    }

    private static async Task PublishAndRun(string property, string[] libraries, string roots, string what)
    {
        using var folder = new TemporaryFolder();
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
                {string.Concat(libraries.Select(library => $"<Reference Include=\"{library}\" />"))}
                {roots}
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
