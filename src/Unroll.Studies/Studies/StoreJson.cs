using System.Text.Json.Serialization;

namespace Unroll.Studies;

/// <summary>The options of a trial as JSON, without reflection: trimmed and natively compiled programs have none.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
internal sealed partial class StoreJson : JsonSerializerContext;
