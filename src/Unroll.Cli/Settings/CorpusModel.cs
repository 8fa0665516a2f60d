using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Settings;

/// <summary>What the file of a model of music or text says about the data that it was trained on.</summary>
internal static class CorpusModel
{
    /// <summary>Whether the file says that it is a model of music or text, and not of a synthetic task.</summary>
    public static bool IsOne(ModelInfo info) => CorpusKind.Find(info.Task) is not null;

    /// <summary>Refuses a model of a corpus where sequences of a synthetic task are needed.</summary>
    public static void Refuse(ModelInfo info, string path, string verb)
    {
        if (!IsOne(info)) return;
        throw new UserError($"{path} is a model of {info.Task}, for which there is no {verb}; write with unroll sample {path}, "
            + $"or measure it with unroll evaluate {path}.");
    }
}
