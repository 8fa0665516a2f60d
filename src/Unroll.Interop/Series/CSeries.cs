using System.Text;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Interop;

/// <summary>
/// The functions of a header of C that take columns in the data's units and give what is predicted in them, around the step of
/// the network alone.
/// </summary>
/// <param name="plan">How sequences are read.</param>
/// <param name="name">What names begin with.</param>
internal sealed class CSeries(SeriesPlan plan, string name)
{
    private readonly SeriesCodec _codec = plan.Codec;
    private readonly int[] _all = [.. Enumerable.Range(0, plan.Encoder.Columns.Count)];

    private int Columns => _all.Length;

    /// <summary>Whether a sequence may be fed step by step: a step of the data is one of the network's, whatever
    /// follows.</summary>
    public bool Streams => plan.Segment == 1 && !plan.HasWindowScale && !plan.Shares;

    /// <summary>Whether a state keeps the last value of each column.</summary>
    public bool Keeps => plan.Forwards;

    /// <summary>Bytes on the stack that a prediction takes besides those of a step of the network.</summary>
    public int Stack(int state) => sizeof(float) * (_codec.Inputs + (_codec.Kind == SeriesKind.Tag ? 0
        : state + _codec.Outputs + (plan.HasWindowScale ? 3 * Columns : 0)));

    /// <summary>Declares sizes.</summary>
    public string Sizes()
    {
        var text = new StringBuilder();
        Define("COLUMNS", Columns);
        if (_codec.Kind == SeriesKind.Forecast)
        {
            Define("WINDOW", _codec.Options.Window);
            Define("HORIZON", _codec.Options.Horizon);
            Define("TARGETS", plan.Targets.Length);
        }

        if (plan.HasLabels) Define("CLASSES", _codec.Labels.Count);
        if (plan.Levels > 1) Define("LEVELS", plan.Levels);
        return text.ToString();

        void Define(string what, int value) => text.Append(Invariant($"#define {name}_{what} {value}\n"));
    }

    /// <summary>The scales as constants.</summary>
    public void Constants(CText text)
    {
        SplitNumber[] centers = plan.CentersByValue(_all);
        text.Constant("center", [.. centers.Select(one => one.High)]);
        text.Constant("center_rest", [.. centers.Select(one => one.Low)]);
        text.Constant("scale", plan.Scales(_all));
        if (Logarithms) text.Constant("is_log", [.. _all.Select(c => (sbyte)(plan.Encoder.ReadsLogarithm(c) ? 1 : 0))]);
        if (plan.Categories.Length > 0)
            text.Constant("labels_of", [.. _all.Select(c => (float)plan.Encoder.Columns[c].Labels.Count)]);
        if (plan.HasKnown) text.Constant("is_known", [.. plan.Knowns(_all).Select(known => (sbyte)(known ? 1 : 0))]);
        if (_codec.Kind == SeriesKind.Forecast) text.Constant("target", [.. plan.Targets.Select(c => (float)c)]);
    }

    /// <summary>The functions.</summary>
    public IEnumerable<string> Functions()
    {
        yield return Names("column", "The name of a column of what goes in, 0..COLUMNS-1.", plan.Encoder.Columns.Select(c =>
            c.Name));
        if (plan.HasLabels)
        {
            yield return Names("label", "The name of a class, 0..CLASSES-1.", _codec.Labels);
            yield return Best();
        }

        yield return Number();
        if (plan.HasCalendar) yield return CCalendar.Function(name, plan.Encoder.Options.Calendar);
        yield return Encode();
        if (_codec.Kind == SeriesKind.Forecast || !plan.HasLabels) yield return Undo();
        if (Streams) yield return Step();
        if (_codec.Kind != SeriesKind.Tag) yield return Predict();
    }

    /// <summary>How it is used, lines for the comment at the top.</summary>
    public IEnumerable<string> Use()
    {
        string time = plan.HasCalendar ? ", time" : "", times = plan.HasCalendar ? ", times" : "";
        if (_codec.Kind != SeriesKind.Tag)
            yield return $"{name}_predict(in, steps{times}, out);    a whole "
                + (_codec.Kind == SeriesKind.Forecast ? "window" : "sequence");
        if (!Streams) yield break;
        yield return $"{name}_state state;";
        yield return $"{name}_reset(&state);            before each sequence";
        yield return $"{name}_step(&state, in{time}, out);    for each step";
    }

    private bool Logarithms => _all.Any(plan.Encoder.ReadsLogarithm);

    private string Time => plan.HasCalendar ? ", long long time" : "";

    private string Best() => $$"""
        /* The class that is most probable, of what a step or a prediction gave. */
        static inline int {{name}}_class(const float *out)
        {
            int best = 0;
            for (int k = 1; k < {{name}}_CLASSES; k++) best = out[k] > out[best] ? k : best;
            return best;
        }

        """;

    /// <summary>A number of the data, scaled.</summary>
    private string Number()
    {
        string log = Logarithms ? $"\n    if ({name}_is_log[c]) raw = log1pf(raw / {name}_center[c]);" : "";
        string missing = plan.Encoder.Options.Missing switch
        {
            MissingPolicy.Error => "",
            MissingPolicy.Forward => "\n    if (isnan(raw)) return last[c];",
            _ => "\n    if (isnan(raw)) return 0.0f;",
        };
        string keep = plan.Forwards ? "\n    last[c] = raw;" : "";
        return $$"""
            /* A number of column c as the network reads it, before its window is scaled. */
            static inline float {{name}}_number(int c, float raw{{Last}})
            {{{missing}}
                raw -= {{name}}_center[c];{{log}}
                raw = (raw - {{name}}_center_rest[c]) / {{name}}_scale[c];{{keep}}
                return raw;
            }

            """;
    }

    private string Last => plan.Forwards ? ", float *last" : "";

    private string LastArgument(string what) => plan.Forwards ? $", {what}" : "";

    private string Window => plan.HasWindowScale ? ", const float *middle, const float *spread" : "";

    private string WindowArguments => plan.HasWindowScale ? ", middle, spread" : "";

    /// <summary>The inputs of one step of the data.</summary>
    private string Encode()
    {
        string mask = plan.NumberWidth == 2 ? $"\n        to[i++] = isnan(in[c]) ? 1.0f : 0.0f;" : "";
        string value = $"{name}_number(c, in[c]{LastArgument("last")})";
        if (plan.HasWindowScale) value = $"({value} - middle[c]) / spread[c]";
        string number = $"to[i++] = {value};{mask}";
        var text = new StringBuilder();
        text.Append(Invariant($"/* What the network reads of a step: {Inputs()}. */\n"));
        string channel = plan.Shares ? "int channel, " : "";
        text.Append(Invariant($"static inline void {name}_encode({channel}const float *in{Time}{Last}{Window}, float *to)\n"))
            .Append("{\n    int i = 0;\n");
        if (plan.Shares)
            text.Append(Invariant($"    {{\n        const int c = (int){name}_target[channel];\n        {number}\n    }}\n"));
        if (!plan.Shares || plan.Categories.Length > 0 || plan.HasKnown)
        {
            text.Append(Invariant($"    for (int c = 0; c < {name}_COLUMNS; c++) {{\n"));
            if (plan.Categories.Length > 0)
            {
                text.Append(Invariant($"        const int labels = (int){name}_labels_of[c];\n"));
                text.Append("        for (int k = 0; k < labels; k++) to[i++] = in[c] == (float)k ? 1.0f : 0.0f;\n");
                text.Append(plan.Shares ? "" : "        if (labels > 0) continue;\n");
            }

            if (!plan.Shares && plan.Numbers.Length > 0) text.Append(Invariant($"        {number}\n"));
            else if (plan.HasKnown) text.Append(Invariant($"        if ({name}_is_known[c]) {{\n        {number}\n        }}\n"));
            text.Append("    }\n");
        }

        if (plan.HasCalendar) text.Append(Invariant($"    {name}_calendar(time, to + i);\n"));
        return text.Append("}\n").ToString();
    }

    private string Inputs() => string.Join(", ", ((string[])
    [
        "numbers scaled", .. plan.NumberWidth == 2 ? (string[])["1 where one is missing"] : [],
        .. plan.Categories.Length > 0 ? (string[])["1 at a category's label"] : [],
        .. plan.HasCalendar ? (string[])["sines and cosines of the date"] : [],
    ]));

    /// <summary>Outputs of the network in the data's units.</summary>
    private string Undo()
    {
        if (_codec.Kind != SeriesKind.Forecast)
        {
            var center = SplitNumber.Of(_codec.TargetScale.Center);
            string scale = CText.Number((float)_codec.TargetScale.Scale);
            return $$"""
                /* {{(plan.Levels == 1 ? "The number" : "Every quantile of the number")}} in the data's units. */
                static inline void {{name}}_undo(float *out)
                {
                    for (int i = 0; i < {{name}}_OUTPUTS; i++)
                        out[i] = (out[i] * {{scale}} + {{CText.Number(center.Low)}}) + {{CText.Number(center.High)}};
                }

                """;
        }

        string windowed = plan.HasWindowScale ? " * spread[c] + middle[c]" : "";
        string log = Logarithms ? $"\n    if ({name}_is_log[c]) return {name}_center[c] * expf(y);" : "";
        return $$"""
            /* A forecast of column c in the data's units. */
            static inline float {{name}}_undo(int c, float y{{Window}})
            {
                y = (y{{windowed}}) * {{name}}_scale[c] + {{name}}_center_rest[c];{{log}}
                return y + {{name}}_center[c];
            }

            """;
    }

    private string Step()
    {
        string undo = _codec.Kind switch
        {
            SeriesKind.Forecast => Invariant($$"""

                    if (out == NULL) return;
                    for (int i = 0; i < {{name}}_OUTPUTS; i++)
                        out[i] = {{name}}_undo((int){{name}}_target[{{OfLevel("i")}} % {{name}}_TARGETS], out[i]);
                """),
            _ when plan.HasLabels => "",
            _ => $"\n    if (out != NULL) {name}_undo(out);",
        };
        return $$"""
            /* One step. {{Takes()}}
             * out receives {{Gives(scores: true)}}, or is NULL for none.{{(_codec.Kind == SeriesKind.Tag ? ""
                 : "\n * The network was trained to predict at the last step.")}} */
            static inline void {{name}}_step({{name}}_state *state, const float *in{{Time}}, float *out)
            {
                float u[{{name}}_INPUTS];
                {{name}}_encode(in{{(plan.HasCalendar ? ", time" : "")}}{{LastArgument("state->last")}}, u);
                {{name}}_network_step(state, u, out);{{undo}}
            }

            """;
    }

    private string Takes() => Invariant($"in has {Counted.Of(Columns, "number")} in the data's units ({name}_column tells which)")
        + (plan.Categories.Length > 0 ? ", of a category\n * the index of its label and -1 for none" : "")
        + (plan.Encoder.Options.Missing == MissingPolicy.Error ? "" : "; a number that is missing is NAN")
        + (plan.HasCalendar ? ".\n * Times are seconds since 1970-01-01 00:00 of the data's own clock." : ".");

    private string Gives(bool scores) => _codec.Kind switch
    {
        SeriesKind.Forecast => $"the next {name}_HORIZON steps of {name}_TARGETS numbers, in the data's units{Quantiles()}",
        _ when plan.HasLabels => scores ? $"{name}_CLASSES numbers before softmax ({name}_probabilities)"
            : $"the probabilities of {name}_CLASSES classes",
        _ => $"the number, in the data's units{Quantiles()}",
    };

    /// <summary>The number that output i is a quantile of; i itself where numbers have none.</summary>
    private string OfLevel(string i) => plan.Levels == 1 ? i : $"{i} / {name}_LEVELS";

    private string Quantiles() => plan.Levels == 1 ? "" : $",\n * each by {name}_LEVELS quantiles side by side: "
        + string.Join(", ", _codec.Quantiles!.Select(level => Invariant($"{level}")));

    /// <summary>A whole sequence or window.</summary>
    private string Predict()
    {
        string times = plan.HasCalendar ? ", const long long *times" : "", time = plan.HasCalendar ? ", times[t]" : "";
        string last = LastArgument("state.last");
        var text = new StringBuilder();
        text.Append(Invariant($$"""
            /* Reads `steps` steps, at least 1, one behind the other: {{Takes()}}
             * out receives {{Gives(scores: false)}}. */
            static inline void {{name}}_predict(const float *in, int steps{{times}}, float *out)
            {
                {{name}}_state state;
                float u[{{name}}_INPUTS], y[{{name}}_OUTPUTS];
                const int segments = (steps + {{plan.Segment - 1}}) / {{plan.Segment}};
                const int empty = segments * {{plan.Segment}} - steps;

            """));
        if (plan.HasWindowScale) text.Append(WindowScale());
        string indent = plan.Shares ? "        " : "    ";
        if (plan.Shares) text.Append(Invariant($"    for (int channel = 0; channel < {name}_TARGETS; channel++) {{\n"));
        string channel = plan.Shares ? "channel, " : "";
        text.Append(Invariant($"{indent}{name}_reset(&state);\n"))
            .Append(Invariant($"{indent}for (int s = 0; s < segments; s++) {{\n"))
            .Append(Invariant($"{indent}    for (int j = 0; j < {plan.Segment}; j++) {{\n"))
            .Append(Invariant($"{indent}        const int t = s * {plan.Segment} + j - empty;\n"))
            .Append(Invariant($"{indent}        float *to = u + j * {_codec.StepInputs};\n"))
            .Append(Invariant($"{indent}        if (t >= 0) "))
            .Append(Invariant($"{name}_encode({channel}in + (ptrdiff_t)t * {name}_COLUMNS{time}{last}"))
            .Append(Invariant($"{WindowArguments}, to);\n"))
            .Append(Invariant($"{indent}        else for (int i = 0; i < {_codec.StepInputs}; i++) to[i] = 0.0f;\n"))
            .Append(Invariant($"{indent}    }}\n"))
            .Append(Invariant($"{indent}    {name}_network_step(&state, u, s == segments - 1 ? y : NULL);\n{indent}}}\n"));
        if (_codec.Kind == SeriesKind.Forecast)
        {
            string number = OfLevel("i"), target = plan.Shares ? "channel" : $"{number} % {name}_TARGETS";
            string place = !plan.Shares ? "i" : plan.Levels == 1 ? $"i * {name}_TARGETS + channel"
                : $"({number} * {name}_TARGETS + channel) * {name}_LEVELS + i % {name}_LEVELS";
            text.Append(Invariant($"{indent}for (int i = 0; i < {name}_OUTPUTS; i++)\n"))
                .Append(Invariant($"{indent}    out[{place}] = {name}_undo((int){name}_target[{target}], "))
                .Append(Invariant($"y[i]{WindowArguments});\n"));
        }
        else
        {
            text.Append(Invariant($"{indent}for (int i = 0; i < {name}_OUTPUTS; i++) out[i] = y[i];\n"))
                .Append(plan.HasLabels ? $"{indent}{name}_probabilities(out);\n" : $"{indent}{name}_undo(out);\n");
        }

        if (plan.Shares) text.Append("    }\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>What the numbers of a window are brought to one level by.</summary>
    private string WindowScale()
    {
        string last = LastArgument("last"), zero = plan.Forwards ? "last[c] = 0.0f; " : "";
        string value = $"{name}_number(c, in[(ptrdiff_t)t * {name}_COLUMNS + c]{last})";
        string arrays = plan.Forwards ? $", last[{name}_COLUMNS]" : "";
        string loop = $"for (int t = 0; t < steps; t++)";
        string center = plan.Encoder.Options.Window == WindowScaling.Last
            ? $"        {loop} middle[c] = {value};\n"
            : $"        middle[c] = 0.0f;\n        {loop} middle[c] += {value};\n        middle[c] /= (float)steps;\n";
        string spread = plan.Encoder.Options.Window != WindowScaling.Standard ? "        spread[c] = 1.0f;\n" : $$"""
                    spread[c] = 0.0f;
                    {{(plan.Forwards ? "last[c] = 0.0f;" : "/* the population deviation, and a little more than 0 */")}}
                    {{loop}} {
                        const float off = {{value}} - middle[c];
                        spread[c] += off * off;
                    }
                    spread[c] = sqrtf(spread[c] / (float)steps + {{CText.Number((float)WindowScales.Epsilon)}});

            """;
        string isNumber = plan.Categories.Length > 0 ? $"        if ({name}_labels_of[c] > 0.0f) continue;\n" : "";
        if (plan.HasKnown)
            isNumber += $"        middle[c] = 0.0f;\n        spread[c] = 1.0f;\n        if ({name}_is_known[c]) continue;\n";
        return $"    float middle[{name}_COLUMNS], spread[{name}_COLUMNS]{arrays};\n"
            + $"    for (int c = 0; c < {name}_COLUMNS; c++) {{\n{isNumber}        {zero}\n".Replace("        \n", "",
                StringComparison.Ordinal)
            + center + spread + "    }\n";
    }

    private string Names(string what, string comment, IEnumerable<string> names) => $$"""
        /* {{comment}} */
        static inline const char *{{name}}_{{what}}(int i)
        {
            static const char *const names[] = {
        {{string.Join(",\n", names.Select(one => $"        {Quoted(one)}"))}}
            };
            return names[i];
        }

        """;

    /// <summary>A text of C: other bytes than plain letters in octal, so that no trigraph and no character set matters.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (byte one in Encoding.UTF8.GetBytes(text))
        {
            if (one is >= (byte)' ' and < 127 and not ((byte)'"' or (byte)'\\' or (byte)'?')) quoted.Append((char)one);
            else quoted.Append('\\').Append(Convert.ToString(one, 8).PadLeft(3, '0'));
        }

        return quoted.Append('"').ToString();
    }
}
