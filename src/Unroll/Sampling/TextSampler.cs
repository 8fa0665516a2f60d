using System.Numerics;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Sampling;

/// <summary>
/// Writes text with a network that was trained to predict the next symbol (<see cref="Tasks.TextTask"/>): each symbol is drawn
/// from the prediction and becomes the next input; the first comes from h_0 and no input. The unknown symbol is never drawn. Not
/// safe for concurrent use.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class TextSampler<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly StreamingNetwork<T> _network;

    /// <summary>Prepares to draw from a network with its current parameters.</summary>
    /// <param name="network">The network: one-hot inputs and a softmax at every step, as many of each as the alphabet has
    /// symbols.</param>
    /// <param name="alphabet">The alphabet of its symbols.</param>
    /// <param name="ahead">How far ahead the network predicts; text can only be drawn with 1, the next symbol.</param>
    /// <exception cref="ArgumentException">The network does not fit the alphabet or predicts further ahead.</exception>
    public TextSampler(Network<T> network, Alphabet alphabet, int ahead = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(alphabet);
        NetworkShape shape = network.Shape;
        if (shape.Encoding != InputEncoding.OneHot || shape.Head != OutputHead.SoftmaxEvery
            || shape.Inputs != alphabet.Count || shape.Outputs != alphabet.Count)
            throw new ArgumentException($"A network for an alphabet of {alphabet.Count} symbols has as many one-hot inputs "
                + $"and softmax outputs at every step, not {shape}.");
        if (ahead != 1) throw new ArgumentException(Refusal(ahead));
        (Alphabet, _network) = (alphabet, new StreamingNetwork<T>(network));
    }

    /// <summary>The symbols.</summary>
    public Alphabet Alphabet { get; }

    /// <summary>Prepares to draw from a model file.</summary>
    /// <param name="path">The file, such as <c>best.safetensors</c> of a run on text.</param>
    /// <exception cref="InvalidFileException">The file is not a model of text, or predicts further ahead than the next
    /// symbol.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TextSampler<T> Load(string path)
    {
        Network<T> network = ModelFile.Load<T>(path, out ModelInfo info);
        TextModel model = TextModel.Of(info, path);
        if (model.Ahead != 1)
            throw new InvalidFileException(
                path, $"cannot be sampled: {char.ToLowerInvariant(Refusal(model.Ahead)[0])}{Refusal(model.Ahead)[1..^1]}");
        return new TextSampler<T>(network, model.Alphabet);
    }

    /// <summary>Writes text.</summary>
    /// <param name="prompt">The text to continue; empty to begin a new text.</param>
    /// <param name="options">How to draw; null for the defaults.</param>
    /// <returns>The text after the prompt.</returns>
    /// <exception cref="ArgumentException">The prompt has symbols that the alphabet lacks, each named with its position, or an
    /// option is out of range.</exception>
    /// <exception cref="ArithmeticException">The network has exploded: an output is not finite.</exception>
    public string Sample(string prompt = "", SamplingOptions? options = null) =>
        TextCodec.Decode(
            [.. Symbols(TextCodec.Encode(prompt, Alphabet, what: "The prompt"), options).Select(symbol => (ushort)symbol)],
            Alphabet);

    /// <summary>Draws symbols one by one as they are asked for; <see cref="SymbolDecoder"/> makes text of them.</summary>
    /// <param name="prompt">The text to continue as indices into the alphabet; it may be empty.</param>
    /// <param name="options">How to draw; null for the defaults.</param>
    /// <returns>Indices into the alphabet.</returns>
    /// <exception cref="ArgumentException">A symbol of the prompt is not in the alphabet, or an option is out of
    /// range.</exception>
    /// <exception cref="ArithmeticException">The network has exploded: an output is not finite.</exception>
    public IEnumerable<int> Symbols(ReadOnlyMemory<ushort> prompt = default, SamplingOptions? options = null)
    {
        options = (options ?? new()).Checked();
        if ((long)prompt.Length + options.Length > int.MaxValue)
            throw new ArgumentException(
                $"A prompt of {prompt.Length} and a length of {options.Length} are more than {int.MaxValue} symbols.");
        foreach (ushort symbol in prompt.Span)
        {
            if (symbol >= Alphabet.Count) throw new ArgumentException(
                Invariant($"The prompt has the symbol {symbol}, where the alphabet has 0..{Alphabet.Count - 1}."));
        }

        return Run(prompt, options);
    }

    private static string Refusal(int ahead) =>
        Invariant($"A model that predicts the symbol {ahead} ahead cannot write text, which is drawn one next symbol at a time.");

    private IEnumerable<int> Run(ReadOnlyMemory<ushort> prompt, SamplingOptions options)
    {
        T[] state = _network.Start(), output = new T[Alphabet.Count];
        var weights = new double[Alphabet.Count];
        int symbol = -1;
        for (int t = 0; t < prompt.Length + options.Length; t++)
        {
            _network.Step(symbol, state, output);
            if (t < prompt.Length)
            {
                symbol = prompt.Span[t];
                continue;
            }

            symbol = Draw.Symbol<T>(output, Alphabet.Unknown, options, t, weights);
            yield return symbol;
        }
    }
}
