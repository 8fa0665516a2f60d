namespace Unroll.Cli.Torch;

/// <summary>How a network of PyTorch is used, which its file does not say.</summary>
/// <param name="Name">What it is used for, for messages.</param>
/// <param name="Encoding">How its inputs are meant.</param>
/// <param name="Head">What its outputs are, and at which steps.</param>
/// <param name="Inputs">The inputs that it must have; null for as many as it has.</param>
/// <param name="Outputs">The outputs that it must have; null for as many as it has.</param>
internal sealed record TorchUse(string Name, InputEncoding Encoding, OutputHead Head, int? Inputs, int? Outputs)
{
    /// <summary>Whether the command has an option that names what is no part of the network.</summary>
    public bool CanIgnore { get; init; } = true;

    /// <summary>On a task.</summary>
    public static TorchUse On(ITask task) => new(task.Name, task.Encoding, task.Head, task.Inputs, task.Outputs);
}
