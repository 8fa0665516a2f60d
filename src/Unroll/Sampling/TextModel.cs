using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Sampling;

/// <summary>What is needed to use a model of text, besides its network.</summary>
/// <param name="Alphabet">The symbols of the model's inputs and outputs.</param>
/// <param name="Ahead">How far ahead the predicted symbol is; 1 is the next one.</param>
public sealed record TextModel(Alphabet Alphabet, int Ahead)
{
    /// <summary>
    /// Reads the alphabet and the distance from a model file's properties, which <see cref="TextTask.Properties"/> wrote.
    /// </summary>
    /// <param name="info">What the file says.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="InvalidFileException">The file is not a model of text, or its alphabet does not fit its
    /// network.</exception>
    public static TextModel Of(ModelInfo info, string file)
    {
        ArgumentNullException.ThrowIfNull(info);
        NetworkShape shape = info.Shape;
        if (!info.Properties.TryGetValue(TextTask.AlphabetKey, out string? text))
            throw new InvalidFileException(file, "is no model of text: it does not say its alphabet");
        Alphabet alphabet;
        try
        {
            alphabet = Alphabet.Parse(text);
        }
        catch (FormatException error)
        {
            throw new InvalidFileException(file, $"has an alphabet that cannot be read: {error.Message.TrimEnd('.')}");
        }

        if (shape.Encoding != InputEncoding.OneHot || shape.Head != OutputHead.SoftmaxEvery
            || shape.Inputs != alphabet.Count || shape.Outputs != alphabet.Count)
            throw new InvalidFileException(file, $"is no model of text: an alphabet of {alphabet.Count} symbols "
                + "needs as many one-hot inputs and softmax outputs at every step");
        string distance = info.Properties.GetValueOrDefault(TextTask.AheadKey, "1");
        if (!int.TryParse(distance, NumberStyles.None, CultureInfo.InvariantCulture, out int ahead) || ahead < 1)
            throw new InvalidFileException(file, $"has {SafeTensorsHeader.Quote(distance)} as how far ahead it predicts, "
                + "where a whole number from 1 is expected");
        return new TextModel(alphabet, ahead);
    }
}
