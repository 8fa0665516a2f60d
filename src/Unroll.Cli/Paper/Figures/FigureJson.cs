using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Unroll.Dynamics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The values of the figures as JSON, without reflection: a program that is compiled natively has none. A figure outside this
/// assembly brings a context of its own (<see cref="FigureResult.Json"/>).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(FiniteOrNull), typeof(SnakeCaseName<Stability>), typeof(SnakeCaseName<BifurcationKind>)])]
[JsonSerializable(typeof(Figure3Record))]
[JsonSerializable(typeof(DrivenUnit))]
[JsonSerializable(typeof(Figure5Record))]
[JsonSerializable(typeof(Figure6Record))]
[JsonSerializable(typeof(GeometryRecord))]
[JsonSerializable(typeof(EchoStateRecord))]
[JsonSerializable(typeof(WallsRecord))]
[JsonSerializable(typeof(ClippedRecord))]
[JsonSerializable(typeof(BifurcationsRecord))]
[JsonSerializable(typeof(HoldsRecord))]
[JsonSerializable(typeof(TeacherForcingRecord))]
internal sealed partial class FigureJson : JsonSerializerContext
{
    /// <summary>The exact values of a figure under the paper's symbols.</summary>
    /// <exception cref="InvalidOperationException">The figure's context does not declare the type of its record.</exception>
    public static JsonObject Values(FigureResult result)
    {
        object record = result.Record ?? throw new InvalidOperationException("A figure from a study has no record.");
        Type type = record.GetType();
        JsonTypeInfo declared = (result.Json ?? Default).GetTypeInfo(type) ?? throw new InvalidOperationException(
            $"The record {type.Name} of a figure is in no JSON context; declare it by [JsonSerializable(typeof({type.Name}))].");
        return JsonSerializer.SerializeToNode(record, declared)!.AsObject();
    }
}

/// <summary>JSON has no word for what is not finite; null says that there is no number.</summary>
internal sealed class FiniteOrNull : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}

/// <summary>An enumeration value by its name, in lower case with underscores.</summary>
internal sealed class SnakeCaseName<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
