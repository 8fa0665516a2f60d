namespace Unroll.Tasks;

/// <summary>How the steps of a forecast come from the network's state behind the window.</summary>
public enum SeriesDecoder
{
    /// <summary>All steps at once are the outputs at the window's last step.</summary>
    Direct,

    /// <summary>
    /// In equal parts: each is the output of one step more of the same cells from the state behind the window, whose only
    /// input is a learned vector of the part's place (and of the channel, where channels share their weights), as in SegRNN
    /// (Lin et al., 2023). A head of one part's steps then serves all of them, so a long horizon has few weights.
    /// </summary>
    Parallel,

    /// <summary>
    /// A segment at a time, fed back: the network forecasts the next segment from the state behind the last, reads it as its next
    /// input, and goes on to the horizon. It learns with the true steps as inputs (teacher forcing; Williams and Zipser, 1989);
    /// checks, scores and predictions feed forecasts back, of quantiles the one nearest to the median. All that is read must be
    /// forecast, a part of dates, or known ahead.
    /// </summary>
    FedBack,
}
