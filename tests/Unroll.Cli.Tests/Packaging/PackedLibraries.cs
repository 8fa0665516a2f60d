using Unroll.Tests;

namespace Unroll.Cli.Tests.Packaging;

/// <summary>
/// The packages of the four libraries as they were built with these tests, made as <c>dotnet pack --no-build</c> makes each, but
/// by one process, whose start takes longer than the packing.
/// </summary>
public sealed class PackedLibraries : IAsyncLifetime
{
    private static readonly string[] s_libraries = ["Unroll", "Unroll.Data", "Unroll.Interop", "Unroll.Studies"];
    private readonly TemporaryFolder _folder = new();

    /// <summary>The one package of a library.</summary>
    public string Package(string library) => One(library, "nupkg");

    /// <summary>Its symbols.</summary>
    public string Symbols(string library) => One(library, "snupkg");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        string projects = string.Join(';', s_libraries.Select(library =>
            Path.Combine(RepositoryRoot.Path, "src", library, $"{library}.csproj")));
        string all = _folder.File("all.proj");
        await File.WriteAllTextAsync(all, $"""
            <Project>
              <Target Name="Pack">
                <MSBuild Projects="{projects}" Targets="Pack" />
              </Target>
            </Project>
            """);
        ProgramResult result = await DotnetCommand.Run(RepositoryRoot.Path, "msbuild", all, "-t:Pack", "-v:quiet", "-nologo",
            "-nodeReuse:false", $"-p:Configuration={DotnetCommand.Configuration}", "-p:NoBuild=true", "-p:_IsPacking=true",
            $"-p:PackageOutputPath={_folder.File("packages")}");
        result.RequireSuccess("packing the libraries");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    // Unroll.0.1.0 is of Unroll, Unroll.Data.0.1.0 is not: a version begins with a digit.
    private string One(string library, string extension) => Assert.Single(
        Directory.GetFiles(_folder.File("packages"), $"{library}.*.{extension}"),
        file => char.IsAsciiDigit(Path.GetFileName(file)[library.Length + 1]));
}
