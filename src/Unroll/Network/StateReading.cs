namespace Unroll;

/// <summary>What a head that predicts once a sequence reads of the last layer's states.</summary>
public enum StateReading
{
    /// <summary>The state after the sequence's last step.</summary>
    Last,

    /// <summary>The mean of the states after each of its steps.</summary>
    Mean,

    /// <summary>The largest value that each unit has after any of its steps.</summary>
    Max,
}
