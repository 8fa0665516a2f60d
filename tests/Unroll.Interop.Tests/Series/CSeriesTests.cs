using System.Runtime.InteropServices;
using System.Text;
using Unroll.Interop.Tests.C;
using Unroll.Tasks;

namespace Unroll.Interop.Tests.Series;

/// <summary>Models of own data as headers of C: from the data's units to what <c>unroll predict</c> gives.</summary>
public class CSeriesTests
{
    [Theory]
    [InlineData("gcc", "-std=c99 -O1")]
    [InlineData("clang", "-std=c99 -O0")]
    [InlineData("g++", "-x c++ -std=c++11 -O0")]
    public void Raw_units_in_give_predictions_in_them(string compiler, string options)
    {
        Assert.SkipUnless(CompiledHeaders.Has(compiler), $"{compiler} is not installed.");
        string folder = Directory.CreateTempSubdirectory("unroll-c-").FullName;
        try
        {
            var cases = SeriesModels.Names.ToDictionary(name => name.Replace(' ', '_'), SeriesModels.Make);
            var main = new StringBuilder("#include <stdio.h>\n#include <string.h>\n");
            foreach ((string name, SeriesCase one) in cases)
            {
                using var text = new StringWriter();
                CWriter.Write(text, one.Network, one.Info, new CHeaderOptions(name));
                File.WriteAllText(Path.Combine(folder, $"{name}.h"), text.ToString());
                main.Append($"#include \"{name}.h\"\n");
            }

            foreach ((string name, SeriesCase one) in cases) main.Append(Runner(name, one));
            main.Append("int main(int count, char **words)\n{\n    if (count != 2) return 1;\n");
            foreach (string name in cases.Keys) main.Append($"    if (strcmp(words[1], \"{name}\") == 0) run_{name}();\n");
            main.Append("    return 0;\n}\n");
            File.WriteAllText(Path.Combine(folder, "main.c"), main.ToString());
            CompiledHeaders.Execute(folder, compiler, $"{options} -Wall -Wextra -Werror -pedantic main.c -o main -lm", []);
            foreach ((string name, SeriesCase one) in cases)
            {
                using var input = new MemoryStream();
                for (int i = 0; i < one.Windows.Length; i++)
                {
                    input.Write(BitConverter.GetBytes(one.Windows[i].Steps));
                    input.Write(MemoryMarshal.AsBytes<float>(SeriesModels.Rows(one, one.Windows[i])));
                    input.Write(MemoryMarshal.AsBytes<long>(SeriesModels.Times(one, one.Windows[i])));
                }

                byte[] output = CompiledHeaders.Execute(folder, Path.Combine(folder, "main"), name, input.ToArray());
                double[] values = [.. MemoryMarshal.Cast<byte, float>(output).ToArray().Select(x => (double)x)];
                SeriesModels.Close(name, [.. one.Predictions.SelectMany(values => values)], values);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Names_of_columns_and_labels_are_in_the_header()
    {
        SeriesCase one = SeriesModels.Make("classify");
        using var text = new StringWriter();
        CWriter.Write(text, one.Network, one.Info, new CHeaderOptions("m"));
        Assert.Contains("\"power\"", text.ToString());
        Assert.Contains("\"no, \\042\\077\"", text.ToString());
        Assert.Contains("\"m\\303\\245ske\"", text.ToString());
        Assert.Contains("m_predict(in, steps, out);", text.ToString());
        Assert.Contains("m_class(", text.ToString());
    }

    /// <summary>Reads steps, rows and times of sequences, and writes predictions.</summary>
    private static string Runner(string name, SeriesCase one)
    {
        string times = one.Codec.Encoder.Options.Calendar.Count > 0 ? ", times" : "", time = times.Length > 0 ? ", times[t]" : "";
        bool tags = one.Codec.Kind == SeriesKind.Tag, classes = one.Codec.Labels.Count > 0;
        string each = $"{name}_step(&state, in + t * {name}_COLUMNS{time}, out);"
            + (classes ? $" {name}_probabilities(out);" : "");
        string body = tags
            ? $"for (int t = 0; t < steps; t++) {{ {each} fwrite(out, sizeof out, 1, stdout); }}"
            : $"{name}_predict(in, steps{times}, out); fwrite(out, sizeof out, 1, stdout);";
        int width = tags ? one.Codec.Outputs : one.Codec.Width;
        return $$"""

            static void run_{{name}}(void)
            {
                static float in[4096];
                static long long times[4096];
                float out[{{width}}];
                int steps;
                while (fread(&steps, sizeof steps, 1, stdin) == 1) {
                    {{(tags ? $"{name}_state state; {name}_reset(&state);" : "")}}
                    if (fread(in, sizeof in[0] * {{name}}_COLUMNS, (size_t)steps, stdin) != (size_t)steps) return;
                    if (fread(times, sizeof times[0], (size_t)steps, stdin) != (size_t)steps) return;
                    {{body}}
                }
            }

            """;
    }
}
