using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>One option given on the command line, as a change to the record of options.</summary>
/// <param name="Option">Its name there, such as <c>--lr</c>.</param>
/// <param name="Property">Its name in <see cref="OptionsText"/>.</param>
/// <param name="Apply">The change.</param>
internal sealed record Override(string Option, string Property, Func<TrainingOptions, TrainingOptions> Apply);
