using System.Numerics;
using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Tasks;

namespace Unroll.Cli.Kinds;

/// <summary>Writes drawn text: to the terminal as it is drawn, to a file as a whole, or as a JSON object.</summary>
/// <param name="host">Where to.</param>
/// <param name="json">Whether as JSON.</param>
/// <param name="file">The file in place of standard output, or null.</param>
/// <param name="cancellation">Ends it early: what was drawn stays on the terminal, an old file stays as it was.</param>
internal sealed class TextSample(CommandHost host, bool json, string? file, CancellationToken cancellation)
{
    /// <summary>Characters that wait for the end of a line where nobody watches.</summary>
    private const int MostWaiting = 1_000;

    /// <summary>Draws and writes; returns the exit code.</summary>
    /// <exception cref="ArgumentException">The prompt has symbols that the model does not know.</exception>
    /// <exception cref="ArithmeticException">The network has exploded.</exception>
    public int Write<T>(TextSampler<T> sampler, string prompt, SamplingOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ushort[] known = TextCodec.Encode(prompt, sampler.Alphabet, what: "The prompt");
        if (sampler.Alphabet.HasUnknown && known.AsSpan().Count((ushort)sampler.Alphabet.Unknown) is > 0 and int unknown)
            host.Error.WriteLine(
                $"The prompt has {Format.Counted(unknown, "symbol")} that the model does not know; its unknown "
                    + $"symbol stands for {(unknown == 1 ? "it" : "them")}.");
        IEnumerable<string> parts = Parts(sampler.Symbols(known, options), new SymbolDecoder(sampler.Alphabet));
        if (OutputFile.IsStandardOutput(file))
        {
            if (json)
                throw new UserError(
                    "--out - and --json both write to standard output; the text is in the object of --json already.");
            return ToTerminal(parts, prompt);
        }

        if (file is not null) ToFile(parts, prompt, options);
        else if (!json) return ToTerminal(parts, prompt);
        if (json) JsonLine.Write(host.Out, line =>
        {
            line.WriteString("event", "sample");
            line.WriteString("task", TextTask.TaskName);
            line.WriteNumber("seed", options.Seed);
            line.WriteNumber("temperature", options.Temperature);
            line.WriteNumber("length", options.Length);
            line.WriteString("prompt", prompt);
            if (file is null) line.WriteString("text", string.Concat(Counted(parts, options)));
            else line.WriteString("file", file);
        });
        return ExitCode.Success;
    }

    private static IEnumerable<string> Parts(IEnumerable<int> symbols, SymbolDecoder decoder)
    {
        foreach (int symbol in symbols) yield return decoder.Next(symbol);
        yield return decoder.End();
    }

    /// <summary>
    /// The file is opened before the first symbol is drawn, so that one that cannot be written is known at once.
    /// </summary>
    private void ToFile(IEnumerable<string> parts, string prompt, SamplingOptions options)
    {
        AtomicFile.Write(file!, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            writer.Write(prompt);
            foreach (string part in Counted(parts, options)) writer.Write(part);
        });
        if (!json)
            host.Out.WriteLine(
                $"{file}: {Format.Counted(options.Length, "character")}{(prompt.Length > 0 ? " after the prompt" : "")}");
    }

    private IEnumerable<string> Counted(IEnumerable<string> parts, SamplingOptions options)
    {
        using var notice = new SlowNotice(host, "sample", options.Length, "characters");
        long done = 0;
        foreach (string part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            notice.Report(done++);
            yield return part;
        }
    }

    private int ToTerminal(IEnumerable<string> parts, string prompt)
    {
        var waiting = new StringBuilder(prompt);
        char last = '\n';
        foreach (string part in parts)
        {
            if (cancellation.IsCancellationRequested) break;
            waiting.Append(part);
            if (host.OutIsTerminal || part.EndsWith('\n') || waiting.Length >= MostWaiting) Flush();
        }

        Flush();
        if (last != '\n') host.Out.WriteLine();
        return cancellation.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Success;

        void Flush()
        {
            if (waiting.Length == 0) return;
            last = waiting[^1];

            // A file or a pipe takes every character as it is.
            (host.OutIsTerminal ? host.Out : host.Screen).Write(waiting.ToString());
            waiting.Clear();
        }
    }
}
