using Unroll.Cli.Settings;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Evaluate;

/// <summary>A network with weights of 8 bits, as <c>export</c> writes and <c>evaluate</c> evaluates it.</summary>
/// <param name="Network">The network.</param>
/// <param name="By">By what its weights were rounded; null where each is its nearest.</param>
internal sealed record EightBits(Network<float> Network, string? By)
{
    /// <summary>Rounds a model's weights by the sequences that it was trained on, where they are at hand.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="info">What it says.</param>
    /// <param name="network">Its network.</param>
    /// <param name="host">Standard error learns why they are not.</param>
    public static EightBits Of(string path, ModelInfo info, Network<float> network, CommandHost host)
    {
        try
        {
            var data = CalibrationData.Of(path, info, host);
            using var cancel = new CancellationTokenSource();
            using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
            return new EightBits(CWriter.Quantized(network, Until(data.Batches, cancel.Token)), data.Name);
        }
        catch (Exception error) when (error is UserError or InvalidFileException)
        {
            host.Error.WriteLine(
                $"unroll: each weight of 8 bits is its nearest, which costs more than rounding by data: {error.Message}");
            return new EightBits(CWriter.Quantized(network), null);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static IEnumerable<Batch> Until(IEnumerable<Batch> batches, CancellationToken cancellation)
    {
        foreach (Batch batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return batch;
        }
    }
}
