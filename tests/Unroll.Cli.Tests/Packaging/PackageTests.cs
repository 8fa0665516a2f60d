using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Packaging;

[Collection("dotnet")]
public class PackageTests(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    [Fact]
    public void The_library_packs_small_with_documentation_and_nothing_native()
    {

        string package = packed.Package("Unroll"), symbols = packed.Symbols("Unroll");
        Assert.InRange(new FileInfo(package).Length, 10_000, 1_000_000);
        string[] files = Files(package);
        Assert.Contains("lib/net10.0/Unroll.dll", files);
        Assert.Contains("lib/net10.0/Unroll.xml", files);
        Assert.Contains("README.md", files);
        Assert.Equal(["lib/net10.0/Unroll.dll"], files.Where(IsBinary));
        Assert.Contains("lib/net10.0/Unroll.pdb", Files(symbols));

        XElement metadata = Metadata(package);
        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.False(string.IsNullOrWhiteSpace(Value(metadata, "description")));
        IEnumerable<string?> dependencies = metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e =>
            e.Attribute("id")?.Value);
        Assert.Equal(["System.Numerics.Tensors"], dependencies);
    }

    [Fact]
    public void The_library_of_studies_packs_with_documentation_for_one_version_of_Unroll()
    {
        string package = packed.Package("Unroll.Studies");
        Assert.InRange(new FileInfo(package).Length, 10_000, 1_000_000);
        string[] files = Files(package);
        Assert.Contains("lib/net10.0/Unroll.Studies.xml", files);
        Assert.Contains("README.md", files);
        Assert.Equal(["lib/net10.0/Unroll.Studies.dll"], files.Where(IsBinary));

        // It uses internals of Unroll, so that no other version will do; neither a terminal nor figures come with it.
        XElement metadata = Metadata(package);
        string version = Value(metadata, "version")!;
        Dictionary<string, string> dependencies = metadata.Descendants().Where(e => e.Name.LocalName == "dependency")
            .ToDictionary(e => e.Attribute("id")!.Value, e => e.Attribute("version")!.Value);
        Assert.Equal(["MathNet.Numerics", "Microsoft.Data.Sqlite", "Unroll"], dependencies.Keys.Order());
        Assert.Equal($"[{version}]", dependencies["Unroll"]);
    }

    [Fact]
    public void The_readers_pack_with_documentation_for_one_version_of_Unroll()
    {
        string package = packed.Package("Unroll.Data");
        Assert.InRange(new FileInfo(package).Length, 10_000, 500_000);
        string[] files = Files(package);
        Assert.Contains("lib/net10.0/Unroll.Data.xml", files);
        Assert.Equal(["lib/net10.0/Unroll.Data.dll"], files.Where(IsBinary));
        string version = Value(Metadata(package), "version")!;
        string[] dependencies = [.. Metadata(package).Descendants().Where(e => e.Name.LocalName == "dependency")
            .Select(e => $"{e.Attribute("id")!.Value} {e.Attribute("version")!.Value}").Order()];
        Assert.Equal(["Sep 0.17.1", $"Unroll [{version}]"], dependencies);
    }

    [Fact]
    public void The_exporters_pack_with_documentation_for_one_version_of_Unroll()
    {
        string package = packed.Package("Unroll.Interop");
        Assert.InRange(new FileInfo(package).Length, 10_000, 500_000);
        string[] files = Files(package);
        Assert.Contains("lib/net10.0/Unroll.Interop.xml", files);
        Assert.Contains("README.md", files);
        Assert.Equal(["lib/net10.0/Unroll.Interop.dll"], files.Where(IsBinary));
        string version = Value(Metadata(package), "version")!;
        string[] dependencies = [.. Metadata(package).Descendants().Where(e => e.Name.LocalName == "dependency")
            .Select(e => $"{e.Attribute("id")!.Value} {e.Attribute("version")!.Value}").Order()];
        Assert.Equal([$"Unroll [{version}]"], dependencies);
    }

    /// <summary>
    /// The package of this machine's platform, found through the package that a user names. tests/packages/run makes all.
    /// </summary>
    [Fact]
    public async Task The_command_packs_installs_and_runs_as_a_tool()
    {
        using var folder = new TemporaryFolder();
        string platform = RuntimeInformation.RuntimeIdentifier;
        ProgramResult build = await DotnetCommand.Run(RepositoryRoot.Path, "build", Path.Combine("src", "Unroll.Cli"),
            "--no-restore", "-c", DotnetCommand.Configuration, "-r", platform, "-v", "quiet", "-nodeReuse:false",
            "-p:RunAnalyzers=false", "-p:BuildProjectReferences=false");
        build.RequireSuccess($"dotnet build -r {platform}");
        await Pack(folder.Path, platform);
        string own = Assert.Single(Directory.GetFiles(folder.Path, $"Unroll.Cli.{platform}.*.nupkg"));
        string named = Assert.Single(Directory.GetFiles(folder.Path, "Unroll.Cli.*.nupkg"), package => package != own);
        Assert.InRange(new FileInfo(named).Length, 1_000, 100_000);
        Assert.DoesNotContain(Files(named), IsBinary);
        Assert.InRange(new FileInfo(own).Length, 1_000_000, 15_000_000);

        // Studies bring SQLite and figures Skia; the native code is that of one platform. The library has none.
        string[] native = ["e_sqlite3", "libe_sqlite3", "libSkiaSharp", "libHarfBuzzSharp"];
        string[] found = [.. Files(own).Where(IsBinary).Select(file => Path.GetFileNameWithoutExtension(file)).Intersect(native)
            .Order(StringComparer.Ordinal)];
        Assert.Equal(OperatingSystem.IsWindows() ? ["e_sqlite3", "libSkiaSharp"] : ["libSkiaSharp", "libe_sqlite3"], found);
        Assert.All(Files(own).Where(IsBinary), file => Assert.StartsWith($"tools/net10.0/{platform}/", file));
        Assert.Contains("README.md", Files(named));

        // Only the folder is a source and the cache starts empty: nothing comes from the network or from this repository.
        File.WriteAllText(folder.File("nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{folder.Path}" /></packageSources>
            </configuration>
            """);
        var isolated = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = folder.File("cache"),
            ["DOTNET_CLI_HOME"] =
            folder.File("home")
        };
        string version = Value(Metadata(named), "version")!;
        ProgramResult install = await DotnetCommand.RunProgram("dotnet", folder.Path, isolated, "tool", "install", "Unroll.Cli",
            "--version", version, "--tool-path", folder.File("tools"), "--configfile", folder.File("nuget.config"));
        install.RequireSuccess("dotnet tool install");

        string tool = folder.File("tools", OperatingSystem.IsWindows() ? "unroll.exe" : "unroll");
        ProgramResult shown = await DotnetCommand.RunProgram(tool, folder.Path, isolated, "--version");
        shown.RequireSuccess("unroll --version");
        Assert.Contains(version, shown.Output, StringComparison.Ordinal);
        ProgramResult figure = await DotnetCommand.RunProgram(
            tool, folder.Path, isolated, "reproduce", "fig4", "--scale", "smoke", "--out", folder.File("figures"));
        figure.RequireSuccess("unroll reproduce fig4");
        Assert.InRange(new FileInfo(folder.File("figures", "fig4.png")).Length, 10_000, 1_000_000);
    }

    // Packs what was built with these tests: a build here would race with whoever else builds. The folder that a tool is
    // published to on the way must be empty: everything in it is packed.
    private static async Task Pack(string folder, string platform)
    {
        using var publish = new TemporaryFolder();
        ProgramResult result = await DotnetCommand.Run(RepositoryRoot.Path, "pack", Path.Combine("src", "Unroll.Cli"),
            "-c", DotnetCommand.Configuration, "--no-build", "-o", folder, "-v", "quiet", "-nodeReuse:false",
            $"-p:PublishDir={publish.Path}{Path.DirectorySeparatorChar}", $"-p:ToolPackageRuntimeIdentifiers={platform}");
        result.RequireSuccess("dotnet pack Unroll.Cli");
    }

    private static string[] Files(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    private static bool IsBinary(string file) =>
        Path.GetExtension(file) is ".dll" or ".so" or ".dylib" or ".exe" or ".a" or ".lib";

    private static XElement Metadata(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        using Stream stream = zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    private static string? Value(XElement metadata, string name) =>
        metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
}
