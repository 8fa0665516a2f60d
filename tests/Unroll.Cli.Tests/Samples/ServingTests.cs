using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Packaging;
using Unroll.Cli.Tests.Sequences;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Samples;

/// <summary>The sample that serves a forecast over HTTP: it is compiled, started, and asked.</summary>
[Collection("dotnet")]
public sealed partial class ServingTests
{
    [Fact]
    public async Task A_served_forecast_is_that_of_the_command()
    {
        CancellationToken end = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run"), model = Path.Combine(run, "best.safetensors");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "3", "--window", "8",
            "--calendar", "hour", "--hidden", "5", "--epochs", "1", "--out", run).Code);
        string program = await Build(end);

        var start = new ProcessStartInfo("dotnet", [program, model, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process server = Process.Start(start)!;
        try
        {
            using var http = new HttpClient { BaseAddress = await Address(server, end) };
            JsonElement about = await http.GetFromJsonAsync<JsonElement>("/", end);
            Assert.Equal((8, 3), (about.GetProperty("window").GetInt32(), about.GetProperty("horizon").GetInt32()));
            string[][] rows = [.. File.ReadLines(data).Skip(1).Select(row => row.Split(','))];
            object History(int count) => new
            {
                rows = rows.TakeLast(count).Select(row => new
                {
                    time = row[0].Replace(' ', 'T') + ":00",
                    power = Number(row[1]),
                    temp = Number(row[2]),
                }),
            };
            HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
                http.PostAsJsonAsync("/forecast", History(8 + i), end)));
            double[] expected = [.. Cli.Run("predict", run, "--data", data).OutLines.Skip(1)
                .Select(line => (double)Number(line.Split(',')[2]))];
            foreach (HttpResponseMessage answer in answers)
            {
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                JsonElement said = await answer.Content.ReadFromJsonAsync<JsonElement>(end);
                Assert.Equal(expected, said.GetProperty("forecast").EnumerateArray().Select(one => (double)one.GetSingle()));
            }

            HttpResponseMessage few = await http.PostAsJsonAsync("/forecast", History(7), end);
            Assert.Equal(HttpStatusCode.BadRequest, few.StatusCode);
            Assert.Contains("at least 8 rows", await few.Content.ReadAsStringAsync(end));
            HttpResponseMessage other = await http.PostAsJsonAsync("/forecast", new { rows = new[] { new { temp = 1 } } }, end);
            Assert.Contains("has no 'power'", (await other.Content.ReadAsStringAsync(end)).Replace("\\u0027", "'"));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The sample against the library that was built with these tests, with the settings of the repository.</summary>
    private static async Task<string> Build(CancellationToken end)
    {
        string folder = Path.Combine(RepositoryRoot.Path, "artifacts", "samples", "serving");
        Directory.CreateDirectory(folder);
        string text = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "samples", "serving", "forecast.cs"), end);
        await File.WriteAllTextAsync(Path.Combine(folder, "forecast.cs"), Directive().Replace(text, ""), end);
        await File.WriteAllTextAsync(Path.Combine(folder, "Serving.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <EnableDefaultItems>false</EnableDefaultItems>
                <OutputPath>$(MSBuildThisFileDirectory)bin/</OutputPath>
                <IntermediateOutputPath>$(MSBuildThisFileDirectory)obj/</IntermediateOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <Compile Include="forecast.cs" />
                <Reference Include="{DotnetCommand.BuildOutput("Unroll.Cli")}/Unroll.dll" />
              </ItemGroup>
            </Project>
            """, end);
        ProgramResult build = await DotnetCommand.Run(folder, "build", "Serving.csproj", "-v:quiet",
            "-nologo", "-nodeReuse:false", "-c", DotnetCommand.Configuration);
        build.RequireSuccess("the build of the sample that serves");
        return Path.Combine(folder, "bin", "Serving.dll");
    }

    private static async Task<Uri> Address(Process server, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (await server.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (Listening().Match(line) is { Success: true } found) return new Uri(found.Groups[1].Value);
        }

        throw new InvalidOperationException($"The server ended: {await server.StandardError.ReadToEndAsync(end)}");
    }

    [GeneratedRegex("Now listening on: (http://\\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex("^#:.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
