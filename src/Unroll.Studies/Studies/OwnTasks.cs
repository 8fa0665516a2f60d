using System.Text.Json;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// What a study has of a program that uses the library: its tasks, what else its grids vary than options, and the options
/// that all trials of these tasks begin with. A file has this without the tasks themselves, so that only the program can run
/// them.
/// </summary>
/// <param name="Tasks">The names of the tasks with their versions.</param>
/// <param name="Parameters">The axes that are no options, in ordinal order.</param>
/// <param name="Options">The options as text.</param>
internal sealed record OwnTasks(
    IReadOnlyList<KeyValuePair<string, int>> Tasks,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<KeyValuePair<string, string>> Options)
{
    /// <summary>What the study's file calls this.</summary>
    public const string Key = "own";

    /// <summary>How the tasks are made; none where the study was read from a file.</summary>
    public IReadOnlyList<StudyTask> Made { get; init; } = [];

    /// <summary>The options that trials begin with.</summary>
    public TrainingOptions Basis { get; init; } = new();

    /// <summary>Their names.</summary>
    public string Names => string.Join(", ", Tasks.Select(task => task.Key));

    /// <summary>Whether a task is one of them.</summary>
    public bool Has(string? task) => task is not null && Tasks.Any(own => own.Key == task);

    /// <summary>The task at a point, or a refusal.</summary>
    /// <exception cref="StudyException">The study was read from a file, or the task refuses the values.</exception>
    public OwnTask At(string task, IReadOnlyList<KeyValuePair<string, string>> values) =>
        (Made.FirstOrDefault(own => own.Name == task) ?? throw Unmade()).At(values);

    /// <summary>The refusal to run what only the program can.</summary>
    public StudyException Unmade() => new(
        $"its tasks ({Names}) are those of a program that uses the library, and only that program can run or merge it; "
        + "it can be shown, exported and reported here.");

    /// <summary>Writes it as a property.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Key);
        json.WriteStartObject("tasks");
        foreach ((string name, int version) in Tasks) json.WriteNumber(name, version);
        json.WriteEndObject();
        json.WriteStartArray("parameters");
        foreach (string parameter in Parameters) json.WriteStringValue(parameter);
        json.WriteEndArray();
        json.WriteStartObject("options");
        foreach ((string name, string value) in Options) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="StudyException">It is something else.</exception>
    public static OwnTasks Read(string where, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Wrong("an object");
        var tasks = new List<KeyValuePair<string, int>>();
        foreach (JsonProperty task in Member("tasks", JsonValueKind.Object).EnumerateObject())
        {
            if (!StudyTask.IsName(task.Name) || tasks.Exists(one => one.Key == task.Name)
                || task.Value.ValueKind != JsonValueKind.Number || !task.Value.TryGetInt32(out int version))
                throw Wrong("tasks with their versions");
            tasks.Add(new(task.Name, version));
        }

        if (tasks.Count == 0) throw Wrong("at least one task");
        string[] parameters = [.. Member("parameters", JsonValueKind.Array).EnumerateArray().Select(Text)];
        if (!parameters.All(StudyTask.IsName) || parameters.Distinct().Count() < parameters.Length)
            throw Wrong("names as parameters");
        KeyValuePair<string, string>[] options =
        [
            .. Member("options", JsonValueKind.Object).EnumerateObject()
                .Select(option => KeyValuePair.Create(option.Name, Text(option.Value))),
        ];
        return new OwnTasks(tasks, parameters, options);

        JsonElement Member(string name, JsonValueKind kind) =>
            root.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value : throw Wrong($"\"{name}\"");
        string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong("texts");
        StudyException Wrong(string expected) => new($"{where}, {Key}: it needs {expected}, as the library writes it.");
    }
}
