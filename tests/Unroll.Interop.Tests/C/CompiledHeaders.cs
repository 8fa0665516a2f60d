using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Files;

namespace Unroll.Interop.Tests.C;

/// <summary>
/// Headers of several networks, compiled into one program that runs any of them on numbers from its standard input.
/// </summary>
internal sealed class CompiledHeaders : IDisposable
{
    private const string Strict = "-Wall -Wextra -Werror -pedantic";

    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-c-").FullName;
    private readonly List<(string Name, bool Indexed)> _headers = [];

    /// <summary>Whether a program can be run here.</summary>
    public static bool Has(string compiler)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(compiler, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Adds a header; returns its sizes.</summary>
    public CSizes Add(string name, Network<float> network, CHeaderOptions? options = null, ModelInfo? info = null)
    {
        using var text = new StringWriter();
        CSizes sizes = CWriter.Write(text, network, info ?? new ModelInfo(network.Shape), options ?? new CHeaderOptions(name));
        File.WriteAllText(Path.Combine(_folder, $"{name}.h"), text.ToString());
        _headers.Add((name, network.Shape.Encoding == InputEncoding.OneHot));
        return sizes;
    }

    /// <summary>Compiles all headers in one program, warnings being errors.</summary>
    public void Compile(string compiler, string options)
    {
        var main = new StringBuilder("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n");
        foreach ((string name, _) in _headers) main.Append($"#include \"{name}.h\"\n");
        foreach ((string name, bool indexed) in _headers)
        {
            string type = indexed ? "int in[1]" : $"float in[{name}_INPUTS]";
            main.Append($$"""

                static void run_{{name}}(void)
                {
                    {{name}}_state state;
                    {{type}};
                    float out[{{name}}_OUTPUTS];
                    {{name}}_reset(&state);
                    while (fread(in, sizeof in, 1, stdin) == 1) {
                        {{name}}_step(&state, {{(indexed ? "in[0]" : "in")}}, out);
                        fwrite(out, sizeof out, 1, stdout);
                    }
                    fwrite(&state, sizeof state, 1, stdout);
                }

                """);
        }

        main.Append("\nint main(int count, char **words)\n{\n    if (count != 2) return 1;\n");
        foreach ((string name, _) in _headers) main.Append($"    if (strcmp(words[1], \"{name}\") == 0) run_{name}();\n");
        main.Append("    return 0;\n}\n");
        File.WriteAllText(Path.Combine(_folder, "main.c"), main.ToString());
        Execute(_folder, compiler, $"{options} {Strict} main.c -o main -lm", []);
    }

    /// <summary>Runs a header on a sequence; returns the outputs of all steps, then the state.</summary>
    public float[] Run(string name, Batch batch, int row)
    {
        using var input = new MemoryStream();
        for (int t = 0; t < batch.Lengths[row]; t++)
        {
            if (batch.Encoding == InputEncoding.OneHot) input.Write(BitConverter.GetBytes(batch.Symbol(t, row)));
            else input.Write(MemoryMarshal.AsBytes<float>(Networks.Input(batch, t, row)));
        }

        return MemoryMarshal.Cast<byte, float>(Execute(_folder, Path.Combine(_folder, "main"), name, input.ToArray())).ToArray();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Runs a program that must succeed.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments, as one line.</param>
    /// <param name="input">Its standard input.</param>
    /// <returns>Its standard output.</returns>
    public static byte[] Execute(string folder, string program, string arguments, byte[] input)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        Task read = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        read.Wait();
        Assert.True(process.ExitCode == 0, $"{program} {arguments} ended with {process.ExitCode}: {error.Result}");
        return output.ToArray();
    }
}
