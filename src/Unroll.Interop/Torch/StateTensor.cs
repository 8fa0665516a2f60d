namespace Unroll.Interop;

/// <summary>One tensor of a state dict.</summary>
/// <param name="Name">Its name, such as <c>rnn.weight_ih_l0</c>.</param>
/// <param name="Shape">Its sizes, outermost first.</param>
/// <param name="Data">Its numbers, row-major, little-endian.</param>
internal sealed record StateTensor(string Name, long[] Shape, byte[] Data);
