using System.Globalization;
using System.Text;

namespace Unroll.Interop;

/// <summary>C in the making: constants, and the statements of a step, which use them.</summary>
/// <param name="name">What every name begins with.</param>
internal sealed class CText(string name)
{
    private const int Width = 100;

    private readonly StringBuilder _constants = new();
    private readonly StringBuilder _statements = new();

    /// <summary>The declarations of the constants.</summary>
    public string Constants => _constants.ToString();

    /// <summary>The statements, indented by four.</summary>
    public string Statements => _statements.ToString();

    /// <summary>The bytes of the constants.</summary>
    public long Bytes { get; private set; }

    /// <summary>Declares numbers; returns their name.</summary>
    public string Constant(string part, ReadOnlySpan<float> values)
    {
        var words = new string[values.Length];
        for (int i = 0; i < values.Length; i++) words[i] = Number(values[i]);
        Bytes += (long)values.Length * sizeof(float);
        return Declare("float", part, words);
    }

    /// <summary>Declares whole numbers of 8 bits; returns their name.</summary>
    public string Constant(string part, ReadOnlySpan<sbyte> values)
    {
        var words = new string[values.Length];
        for (int i = 0; i < values.Length; i++) words[i] = values[i].ToString(CultureInfo.InvariantCulture);
        Bytes += values.Length;
        return Declare("signed char", part, words);
    }

    /// <summary>A name of this header.</summary>
    public string Named(string part) => $"{name}_{part}";

    /// <summary>Adds a statement.</summary>
    public void Line(string statement) => _statements.Append("    ").Append(statement).Append('\n');

    /// <summary>Adds a loop over 0..count-1.</summary>
    public void Loop(string variable, int count, params ReadOnlySpan<string> body)
    {
        Line(Invariant($"    for (int {variable} = 0; {variable} < {count}; {variable}++) {{"));
        foreach (string statement in body) Line($"        {statement}");
        Line("    }");
    }

    /// <summary>sigma of an expression.</summary>
    public string Sigma(Activation activation, string x) => activation switch
    {
        Activation.Tanh => $"{name}_tanh({x})",
        Activation.Sigmoid => $"{name}_sigmoid({x})",
        Activation.Relu => $"{name}_relu({x})",
        _ => x,
    };

    /// <summary>A number of C, with the digits that give it back.</summary>
    public static string Number(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0f" : text + "f";
    }

    private string Declare(string type, string part, string[] words)
    {
        _constants.Append(Invariant($"static const {type} {name}_{part}[{words.Length}] = {{"));
        int column = Width;
        foreach (string word in words)
        {
            if (column + word.Length + 2 > Width)
            {
                _constants.Append("\n    ");
                column = 4;
            }
            else
            {
                _constants.Append(' ');
                column++;
            }

            _constants.Append(word).Append(',');
            column += word.Length + 1;
        }

        _constants.Append("\n};\n");
        return $"{name}_{part}";
    }
}
