using Unroll.Data;

namespace Unroll.Studies.Corpora;

/// <summary>What reading data needs of the program around it.</summary>
internal sealed record DataSurroundings
{
    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Opens standard input as bytes; by default there is none.</summary>
    public Func<Stream> OpenIn { get; init; } = () => throw new UserError("Standard input is not read here; give a file.");

    /// <summary>Takes a sentence about the data; by default it is dropped.</summary>
    public Action<string> Notice { get; init; } = _ => { };

    /// <summary>Takes every file that is left out; null where the sentence with the first few is enough.</summary>
    public Action<LeftOutFile>? LeftOut { get; init; }
}
