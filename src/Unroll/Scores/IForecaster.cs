using Unroll.Data;

namespace Unroll.Scores;

/// <summary>
/// Something that forecasts the steps behind a window in the units of the data: one of the baselines here, or a network with
/// its encoder.
/// </summary>
public interface IForecaster
{
    /// <summary>What it is called in a table, such as <c>seasonal naive (24)</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Forecasts the steps behind a window. What the data have from <see cref="SequenceWindow.End"/> on is not read.
    /// </summary>
    /// <param name="window">The window; its horizon says how many steps.</param>
    /// <param name="forecast">(horizon, targets), row-major: receives the forecast in the data's own units.</param>
    /// <exception cref="ArgumentException">The forecast has another length.</exception>
    void Forecast(SequenceWindow window, Span<double> forecast);
}
