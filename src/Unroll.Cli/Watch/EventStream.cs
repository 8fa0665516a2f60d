using System.Text;
using System.Text.Json;

namespace Unroll.Cli.Watch;

/// <summary>
/// One reader of the stream of events: lines of metrics since the last one that it has, what is recorded beside them, and what
/// happens in words. The id of an event names the lines that a page has after it (<see cref="Position"/>).
/// </summary>
/// <param name="runs">The runs.</param>
/// <param name="start">How far the reader is; null where it does not say so.</param>
internal sealed class EventStream(IReadOnlyList<RunView> runs, Position? start)
{
    private const int MostRows = 500, MostBytes = 1 << 20;

    /// <summary>A dead reader is found out by what is written to it.</summary>
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly long[] _lines = start is null ? new long[runs.Count] : [.. start.Lines];
    private readonly double[] _moments = new double[runs.Count];
    private readonly string[] _states = new string[runs.Count];

    /// <summary>Sends until the reader goes, the run ends, or what was sent does not hold any more.</summary>
    /// <param name="server">The server, which tells when something changes.</param>
    /// <param name="send">Sends bytes within a time limit.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(WatchServer server, Func<ReadOnlyMemory<byte>, Task> send, CancellationToken cancellation)
    {
        Begin();
        TimeSpan quiet = TimeSpan.Zero;
        await send("retry: 1000\n\n"u8.ToArray()).ConfigureAwait(false);
        while (!cancellation.IsCancellationRequested)
        {
            // Before the look, so that nothing is missed between the two.
            Task changed = server.NextChange();
            string? farewell = server.Farewell;
            var text = new StringBuilder();
            bool more = Collect(text, out bool reset);
            if (text.Length > 0) await send(Encoding.UTF8.GetBytes(text.ToString())).ConfigureAwait(false);
            if (reset) return;
            if (more) continue;
            if (farewell is not null)
            {
                string end = Event("end", json => json.WriteString("text", farewell));
                await send(Encoding.UTF8.GetBytes(end)).ConfigureAwait(false);
                return;
            }

            quiet = text.Length > 0 ? TimeSpan.Zero : quiet + s_look;
            if (quiet >= s_heartbeat)
            {
                await send(": still here\n\n"u8.ToArray()).ConfigureAwait(false);
                quiet = TimeSpan.Zero;
            }

            await Task.WhenAny(changed, Task.Delay(s_look, cancellation)).ConfigureAwait(false);
        }
    }

    private void Begin()
    {
        for (int i = 0; i < runs.Count; i++)
        {
            lock (runs[i].Gate)
            {
                // What was recorded at the last check may have come after its line; a page replaces what it has.
                int row = runs[i].Metrics.RowAfter(_lines[i]) - 1;
                _moments[i] = row < 0 ? -1 : runs[i].Metrics.Update(row) - 0.5;
            }
        }
    }

    /// <summary>Collects what is new; true where there is more than fits.</summary>
    private bool Collect(StringBuilder text, out bool reset)
    {
        Position now = Position.Of(runs);
        reset = start is null || now.Runs != start.Runs || _lines.Where((line, i) => line > now.Lines[i]).Any();
        if (reset)
        {
            text.Append(Event("reset", _ => { }));
            return false;
        }

        for (int i = 0; i < runs.Count; i++)
        {
            lock (runs[i].Gate)
            {
                if (Rows(text, i) || Moments(text, i)) return true;
                State(text, i);
            }
        }

        return false;
    }

    private bool Rows(StringBuilder text, int i)
    {
        RunMetrics metrics = runs[i].Metrics;
        int first = metrics.RowAfter(_lines[i]), end = Math.Min(metrics.Count, first + MostRows);
        bool more = end < metrics.Count;
        if (first == end)
        {
            _lines[i] = metrics.Lines;
            return false;
        }

        _lines[i] = more ? metrics.Line(end - 1) : metrics.Lines;
        text.Append(Event("rows", json =>
        {
            json.WriteNumber("run", i);
            json.WriteStartArray("rows");
            for (int row = first; row < end; row++)
            {
                json.WriteStartArray();
                json.WriteNumberValue(metrics.Update(row));
                for (int column = 0; column < RunMetrics.Columns.Length; column++)
                    ShortNumbers.Write(json, metrics.Value(column, row));
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }));
        return more;
    }

    private bool Moments(StringBuilder text, int i)
    {
        foreach (RunMoment moment in runs[i].Moments.Where(one => one.Update > _moments[i]).ToArray())
        {
            _moments[i] = moment.Update;
            text.Append(Event("moment", json =>
            {
                json.WriteNumber("run", i);
                json.WritePropertyName("moment");
                RunPageData.WriteMoment(json, moment, example: true);
            }));
            if (text.Length > MostBytes) return true;
        }

        return false;
    }

    private void State(StringBuilder text, int i)
    {
        string state = Event("state", json =>
        {
            json.WriteNumber("run", i);
            RunPageData.WriteState(json, runs[i]);
        }, id: false);
        if (state == _states[i]) return;
        _states[i] = state;
        text.Append(state);
    }

    private string Event(string name, Action<Utf8JsonWriter> write, bool id = true)
    {
        string data = Encoding.UTF8.GetString(JsonLine.Object(write));
        string at = id ? $"id: {new Position(_lines, start?.Runs ?? "")}\n" : "";
        return $"event: {name}\n{at}data: {data}\n\n";
    }
}
