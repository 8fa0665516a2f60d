using System.Numerics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Tasks;

namespace Unroll.Cli.Kinds;

/// <summary>Writes drawn music as a MIDI file and says what is in it.</summary>
/// <param name="host">Where that is said.</param>
/// <param name="json">Whether as JSON.</param>
/// <param name="file">The MIDI file.</param>
/// <param name="tempo">Beats a minute.</param>
/// <param name="step">Beats a step, of the prompt too.</param>
/// <param name="notes">What becomes of notes in the prompt that a piano lacks.</param>
/// <param name="cancellation">Ends it early; an old file stays as it was.</param>
internal sealed class MusicSample(CommandHost host, bool json, string file, double tempo, double step, OutOfRangeNotes notes,
    CancellationToken cancellation)
{
    /// <summary>Draws and writes; returns the exit code.</summary>
    /// <exception cref="ArithmeticException">The network has exploded.</exception>
    public int Write<T>(MusicSampler<T> sampler, string? promptFile, SamplingOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool standard = OutputFile.IsStandardOutput(file);
        if (standard && json) throw new UserError("--out - and --json both write to standard output; name a file for --out.");
        PianoRoll? prompt = promptFile is null ? null : ReadPrompt(promptFile);
        int given = prompt?.Steps ?? 0;
        if (given + (long)options.Length > MidiFile.MaximumSteps)
            throw new UserError(
                $"The prompt's {given} steps and {options.Length} more are longer than the {MidiFile.MaximumSteps} steps of a "
                    + "MIDI file; take a smaller --length.");
        PianoRoll? piece = null;
        OutputFile.Write(file, host, stream =>
        {
            // Within the writing, so that a file that cannot be written is known before anything is drawn.
            using (var notice = new SlowNotice(host, "sample", options.Length, "steps"))
                piece = sampler.Sample(prompt, options, cancellation, notice.Report);
            MidiFile.Write(stream, piece, tempo, step);
        });
        if (standard) return ExitCode.Success;
        PianoRoll drawn = Part(piece!, given);
        if (json) WriteJson(drawn, given, options);
        else Show(drawn, given, promptFile);
        return ExitCode.Success;
    }

    /// <summary>Keys that sound at a step in the training data; null where the data is not at hand.</summary>
    public Func<double?> KeysOfData { get; init; } = () => null;

    /// <summary>How dense the piece is beside the training data, and what to do where it is far from it.</summary>
    private string? Density(PianoRoll drawn)
    {
        const double Sparse = 0.5, Dense = 2; // times the data's
        if (drawn.Steps == 0 || KeysOfData() is not (> 0 and var data)) return null;
        double here = (double)Facts(drawn).Notes / drawn.Steps, ratio = here / data;
        string both = $"density: {Format.Number(here)} keys a step, {Format.Number(data)} in the training data";
        return ratio < Sparse
            ? $"{both}: near silence, which a network learns first and with little data keeps; docs/sampling.md has a recipe for "
                + "little data (fewer units, noise, early stop)"
            : ratio > Dense ? $"{both}: denser than the music; a lower --temperature draws less" : both;
    }

    private PianoRoll ReadPrompt(string path)
    {
        if (!MidiFolder.IsName(path) && !PathLook.IsFile(path))
            throw new UserError($"There is no MIDI file {path} to continue; a model of music takes --prompt FILE.mid.");
        return MidiFile.Read(path, new MusicReadOptions { Step = step, OutOfRange = notes, Notice = host.Error.WriteLine });
    }

    private static PianoRoll Part(PianoRoll piece, int first)
    {
        var part = new PianoRoll(piece.Name, piece.Steps - first);
        for (int t = 0; t < part.Steps; t++)
        {
            for (int key = 0; key < PianoRoll.Keys; key++) part[t, key] = piece[first + t, key];
        }

        return part;
    }

    private void Show(PianoRoll drawn, int given, string? prompt)
    {
        (int notes, int lowest, int highest) = Facts(drawn);
        double beats = (given + drawn.Steps) * step;
        string range = notes == 0 ? "silence"
            : $"{Format.Number((double)notes / drawn.Steps)} keys a step from {RollPicture.Name(lowest)} to "
                + $"{RollPicture.Name(highest)}";
        string after = prompt is null ? "" : $" after the {Format.Count(given)} of {prompt}";
        host.Say($"{file}: {Format.Counted(drawn.Steps, "step")}{after}, {range}; in all {Format.Number(beats)} beats, "
            + $"{Format.Time(beats * 60 / tempo)} at {Format.Number(tempo)} beats a minute");
        if (Density(drawn) is { } density) host.Say(density);
        host.Out.WriteLine();
        foreach (string line in RollPicture.Lines(drawn, host.OutIsTerminal, host.Width)) host.Out.WriteLine(line);
    }

    private void WriteJson(PianoRoll drawn, int given, SamplingOptions options) => JsonLine.Write(host.Out, line =>
    {
        line.WriteString("event", "sample");
        line.WriteString("task", MusicTask.TaskName);
        line.WriteNumber("seed", options.Seed);
        line.WriteNumber("temperature", options.Temperature);
        line.WriteNumber("length", drawn.Steps);
        line.WriteNumber("prompt_steps", given);
        line.WriteString("file", file);
        line.WriteNumber("tempo", tempo);
        line.WriteNumber("step", step);
        line.WriteNumber("keys_per_step", (double)Facts(drawn).Notes / drawn.Steps);
        line.WriteStartArray("steps");
        for (int t = 0; t < drawn.Steps; t++)
        {
            line.WriteStartArray();
            for (int key = 0; key < PianoRoll.Keys; key++)
            {
                if (drawn[t, key]) line.WriteNumberValue(key + PianoRoll.LowestNote);
            }

            line.WriteEndArray();
        }

        line.WriteEndArray();
    });

    private static (int Notes, int Lowest, int Highest) Facts(PianoRoll roll)
    {
        (int notes, int lowest, int highest) = (0, PianoRoll.Keys, -1);
        for (int t = 0; t < roll.Steps; t++)
        {
            for (int key = 0; key < PianoRoll.Keys; key++)
            {
                if (!roll[t, key]) continue;
                notes++;
                lowest = Math.Min(lowest, key);
                highest = Math.Max(highest, key);
            }
        }

        return (notes, lowest, highest);
    }
}
