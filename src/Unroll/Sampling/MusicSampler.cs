using System.Numerics;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Sampling;

/// <summary>
/// Writes music with a network that was trained to predict the next step of a piano roll (<see cref="Tasks.MusicTask"/>): each of
/// the 88 keys is drawn independently and all of them become the next input; the first step comes from h_0 and no input. Not safe
/// for concurrent use.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class MusicSampler<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly StreamingNetwork<T> _network;

    /// <summary>Prepares to draw from a network with its current parameters.</summary>
    /// <param name="network">The network: 88 multi-hot inputs and 88 Bernoulli outputs at every step.</param>
    /// <exception cref="ArgumentException">The network has other inputs or outputs.</exception>
    public MusicSampler(Network<T> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!Fits(network.Shape))
            throw new ArgumentException($"A network of music has {PianoRoll.Keys} multi-hot inputs and Bernoulli outputs "
                + $"at every step, not {network.Shape}.");
        _network = new StreamingNetwork<T>(network);
    }

    /// <summary>Prepares to draw from a model file.</summary>
    /// <param name="path">The file, such as <c>best.safetensors</c> of a run on music.</param>
    /// <exception cref="InvalidFileException">The file is not a model of music.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static MusicSampler<T> Load(string path)
    {
        Network<T> network = ModelFile.Load<T>(path);
        if (!Fits(network.Shape))
            throw new InvalidFileException(
                path, $"is no model of music: that has {PianoRoll.Keys} multi-hot inputs and Bernoulli outputs at every step");
        return new MusicSampler<T>(network);
    }

    /// <summary>Writes a piece: the prompt and what follows it.</summary>
    /// <param name="prompt">The steps to continue; null to begin a new piece.</param>
    /// <param name="options">How to draw; null for the defaults.</param>
    /// <param name="cancellation">Ends the drawing early.</param>
    /// <param name="onDrawn">Called with the number of steps drawn so far.</param>
    /// <returns>The steps of the prompt, then <see cref="SamplingOptions.Length"/> more.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or prompt and sample together are longer than
    /// <see cref="PianoRoll.MaximumSteps"/>.</exception>
    /// <exception cref="ArithmeticException">The network has exploded: an output is not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public PianoRoll Sample(
        PianoRoll? prompt = null, SamplingOptions? options = null, CancellationToken cancellation = default,
        Action<long>? onDrawn = null)
    {
        options = (options ?? new()).Checked();
        int given = prompt?.Steps ?? 0;
        if ((long)given + options.Length > PianoRoll.MaximumSteps)
            throw new ArgumentException(
                Invariant($"A prompt of {given} steps and a length of {options.Length} are more than ")
                    + Invariant($"the {PianoRoll.MaximumSteps} steps of one piece."));
        var piece = new PianoRoll("sample", given + options.Length);
        T[] state = _network.Start(), output = new T[PianoRoll.Keys];
        Span<int> active = stackalloc int[PianoRoll.Keys];
        int count = 0;
        for (int t = 0; t < piece.Steps; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            _network.StepActive(active[..count], state, output);
            count = t < given ? Active(prompt!, t, active) : Draw.Bits<T>(output, options, t, active);
            foreach (int key in active[..count]) piece[t, key] = true;
            if (t >= given) onDrawn?.Invoke(t + 1 - given);
        }

        return piece;
    }

    private static int Active(PianoRoll roll, int step, Span<int> active)
    {
        int count = 0;
        for (int key = 0; key < PianoRoll.Keys; key++)
        {
            if (roll[step, key]) active[count++] = key;
        }

        return count;
    }

    private static bool Fits(NetworkShape shape) =>
        shape.Encoding == InputEncoding.MultiHot && shape.Head == OutputHead.BernoulliEvery
            && shape.Inputs == PianoRoll.Keys && shape.Outputs == PianoRoll.Keys;
}
