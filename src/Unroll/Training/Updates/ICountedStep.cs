namespace Unroll.Training;

/// <summary>The step of an update that moves the parameters.</summary>
internal interface ICountedStep
{
    /// <summary>Steps taken.</summary>
    long Steps { get; set; }
}
