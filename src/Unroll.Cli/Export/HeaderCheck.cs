using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Unroll.Interop;
using Unroll.Tasks;

namespace Unroll.Cli.Export;

/// <summary>Compiles a header by the C compiler of this machine and runs it on sequences.</summary>
internal static class HeaderCheck
{
    private const string Compiler = "cc", CompilerVariable = "CC", Input = "in.bin", Output = "out.bin", Main = "main.c";
    private const string Program = "check";
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    /// <summary>What the header predicts of each sequence, and by which compiler; null where there is none, which is
    /// said.</summary>
    /// <exception cref="FormatException">It does not compile, or its program fails.</exception>
    /// <exception cref="UserError">It takes too long.</exception>
    public static (string By, double[][]? Found) Run(
        ReadOnlyMemory<byte> header, CheckedSequences sequences, CHeaderOptions options, CommandHost host)
    {
        string compiler = host.Variable(CompilerVariable) is { Length: > 0 } named ? named : Compiler;
        string folder = Directory.CreateTempSubdirectory("unroll-").FullName;
        try
        {
            using (FileStream file = File.Create(Path.Combine(folder, "net.h"))) file.Write(header.Span);
            File.WriteAllText(Path.Combine(folder, Main), Text(sequences, options.Name));
            using (FileStream input = File.Create(Path.Combine(folder, Input)))
            {
                foreach (CheckedSequence one in sequences.All) Write(input, one, sequences.Indexed);
            }

            string program = Path.Combine(folder, OperatingSystem.IsWindows() ? $"{Program}.exe" : Program);
            string[] words = compiler.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!Execute(folder, words[0], [.. words[1..], "-std=c99", "-O1", Main, "-o", program, "-lm"]))
            {
                host.Error.WriteLine($"unroll: the header was not checked: there is no C compiler '{compiler}' here; name one by "
                    + $"the environment variable {CompilerVariable}.");
                return ("", null);
            }

            string output = Path.Combine(folder, Output);
            if (!Execute(folder, program, []) || !File.Exists(output))
                throw new FormatException($"{compiler} has made no program that runs");
            return ($"compiled by {compiler}", Read(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)), sequences));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(FileStream input, CheckedSequence one, bool indexed)
    {
        input.Write(BitConverter.GetBytes(one.Steps));
        if (indexed) foreach (float symbol in one.Rows) input.Write(BitConverter.GetBytes((int)symbol));
        else input.Write(MemoryMarshal.AsBytes<float>(one.Rows));
        input.Write(MemoryMarshal.AsBytes<long>(one.Times));
    }

    private static double[][] Read(ReadOnlySpan<float> numbers, CheckedSequences sequences)
    {
        var found = new List<double[]>();
        foreach (CheckedSequence one in sequences.All)
        {
            int count = sequences.Width * (sequences.EveryStep ? one.Steps : 1);
            if (numbers.Length < count) throw new FormatException("its program gives too few numbers.");
            var own = new double[count];
            for (int i = 0; i < count; i++) own[i] = numbers[i];
            found.Add(own);
            numbers = numbers[count..];
        }

        return [.. found];
    }

    /// <summary>Runs a program; false where there is none of that name.</summary>
    private static bool Execute(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        using Process? process = Start(start);
        if (process is null) return false;
        process.StandardInput.Close();
        Task<string> said = process.StandardError.ReadToEndAsync(), shown = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_longest))
        {
            process.Kill(entireProcessTree: true);
            throw new UserError($"The header was not written: its check by {Path.GetFileName(program)} took longer than "
                + $"{s_longest.TotalMinutes:0} minutes; leave --check out.");
        }

        Task.WaitAll(said, shown);
        if (process.ExitCode == 0) return true;
        string first = said.Result.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))
            ?? said.Result.Trim().Split('\n')[0];
        throw new FormatException($"{Path.GetFileName(program)} ended with {process.ExitCode}"
            + (first.Trim().Length == 0 ? "" : $": {first.Trim()}"));
    }

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A program that reads sequences of a file and writes predictions into another.</summary>
    private static string Text(CheckedSequences sequences, string name)
    {
        SeriesCodec? codec = sequences.Codec;
        string loop = codec is null || sequences.EveryStep ? Stepwise(sequences, name) : Whole(codec, name);
        string element = sequences.Indexed ? "int" : "float";
        return $$"""
            #include <stdio.h>
            #include <stdlib.h>
            #include "net.h"

            int main(void)
            {
                FILE *from = fopen("{{Input}}", "rb"), *to = fopen("{{Output}}", "wb");
                int steps;
                if (from == NULL || to == NULL) return 1;
                while (fread(&steps, sizeof steps, 1, from) == 1) {
                    {{element}} *in = malloc(sizeof *in * (size_t)steps * {{sequences.Columns}});
                    long long *times = malloc(sizeof *times * (size_t)steps);
                    static float out[{{Math.Max(sequences.Width, codec?.Outputs ?? 0)}}];
                    if (in == NULL || times == NULL) return 1;
                    if (fread(in, sizeof *in * {{sequences.Columns}}, (size_t)steps, from) != (size_t)steps) return 1;
                    {{(Dates(codec) ? "if (fread(times, sizeof *times, (size_t)steps, from) != (size_t)steps) return 1;" : "")}}
            {{loop}}
                    free(in);
                    free(times);
                }
                return fclose(to) == 0 ? 0 : 1;
            }

            """;
    }

    private static bool Dates(SeriesCodec? codec) => codec is { Encoder.Options.Calendar.Count: > 0 };

    private static string Stepwise(CheckedSequences sequences, string name)
    {
        string time = Dates(sequences.Codec) ? ", times[t]" : "";
        string probabilities = sequences.Codec is { Labels.Count: > 0 } ? $"{name}_probabilities(out);" : "";
        string input = sequences.Indexed ? "in[t]" : $"in + t * {sequences.Columns}";
        return $$"""
                    {{name}}_state state;
                    {{name}}_reset(&state);
                    for (int t = 0; t < steps; t++) {
                        {{name}}_step(&state, {{input}}{{time}}, out);
                        {{probabilities}}
                        if ({{(sequences.EveryStep ? "1" : "t == steps - 1")}})
                            fwrite(out, sizeof out[0], {{sequences.Width}}, to);
                    }
            """;
    }

    private static string Whole(SeriesCodec codec, string name)
    {
        string times = Dates(codec) ? ", times" : "";
        return $$"""
                    {{name}}_predict(in, steps{{times}}, out);
                    fwrite(out, sizeof out[0], {{codec.Width}}, to);
            """;
    }
}
