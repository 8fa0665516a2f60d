#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
#:project ../../src/Unroll/Unroll.csproj
using System.Collections.Concurrent;
using System.Text.Json;
using Unroll;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

// Serves the model of unroll train forecast: dotnet run samples/serving/forecast.cs -- runs/power/best.safetensors
// curl localhost:5000/ says what it reads. To POST /forecast: {"rows": [{"power": 31.5, "time": "2024-05-01T13:00"}, ...]}, the
// last window of rows by the names of columns, the oldest first.
Network<float> network = ModelFile.Load<float>(args[0], out ModelInfo info); // read alone, so all callers share it
SeriesCodec codec = SeriesCodec.Read(info.Properties) ?? throw new ArgumentException($"{args[0]} is no model of own data.");
var streams = new ConcurrentBag<SeriesStream<float>>(); // one for each request in progress
WebApplication app = WebApplication.CreateBuilder(args[1..]).Build();
app.MapGet("/", () => new
{
    codec.Options.Window,
    codec.Options.Horizon,
    codec.Targets,
    Columns = codec.Encoder.Columns.Select(column => new { column.Name, column.Labels }),
    Quantiles = codec.Quantiles ?? [0.5],
});
app.MapPost("/forecast", (History history) =>
{
    if (!streams.TryTake(out SeriesStream<float>? stream)) stream = new SeriesStream<float>(network, codec);
    try
    {
        SeriesStreamState state = stream.Start();
        var forecast = new double[codec.Width]; // (horizon, targets, quantiles)
        bool known = false;
        foreach (Dictionary<string, JsonElement> row in history.Rows)
        {
            float[] step = [.. codec.Encoder.Columns.Select(column => Value(column, row))];
            DateTime? date = row.TryGetValue("time", out JsonElement time) ? time.GetDateTime() : null;
            known = stream.Step(state, step, forecast, date);
        }

        return known ? Results.Ok(new { codec.Targets, codec.Options.Horizon, Forecast = forecast })
            : Results.BadRequest($"Give at least {codec.Options.Window} rows, the last ones.");
    }
    catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException)
    {
        return Results.BadRequest(error.Message); // a column is missing, a value is none, or a label is not one of training
    }
    finally
    {
        streams.Add(stream);
    }
});
app.Run();

static float Value(SequenceColumn column, Dictionary<string, JsonElement> row)
{
    if (!row.TryGetValue(column.Name, out JsonElement value)) throw new ArgumentException($"A row has no '{column.Name}'.");
    if (value.ValueKind == JsonValueKind.Null) return float.NaN;
    if (column.Kind == ColumnKind.Number) return value.GetSingle();
    for (int k = 0; k < column.Labels.Count; k++)
    {
        if (column.Labels[k] == value.GetString()) return k;
    }

    throw new ArgumentException($"'{value}' is no label of '{column.Name}'.");
}

internal sealed record History(List<Dictionary<string, JsonElement>> Rows);
