namespace Unroll.Interop;

/// <summary>The parts of a header of C that are the same for every network.</summary>
internal static class CParts
{
    /// <summary>The type of a state.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="pooled">The units whose states the head reads all of; 0 where it reads the last one.</param>
    /// <param name="keeps">Whether the last value of each column is kept.</param>
    public static string State(string name, int pooled = 0, bool keeps = false)
    {
        string pool = pooled == 0 ? ""
            : Invariant($"\n    float pool[{pooled}]; /* what the head reads so far */\n    float steps;");
        string last = keeps ? $"\n    float last[{name}_COLUMNS]; /* each column's last number, scaled */" : "";
        return $$"""
            typedef struct {
                float s[{{name}}_STATE]; /* each layer's h, and c behind it for an LSTM */{{pool}}{{last}}
            } {{name}}_state;

            """;
    }

    /// <summary>What a state begins as.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="initial">The value of element i; empty for zero.</param>
    /// <param name="pooled">As of <see cref="State"/>.</param>
    /// <param name="keeps">As of <see cref="State"/>.</param>
    public static string Reset(string name, string initial, int pooled = 0, bool keeps = false)
    {
        string pool = pooled == 0 ? ""
            : Invariant($"\n    for (int i = 0; i < {pooled}; i++) state->pool[i] = 0.0f;\n    state->steps = 0.0f;");
        string start = initial.Length == 0 ? "0.0f" : initial;
        string last = keeps ? $"\n    for (int i = 0; i < {name}_COLUMNS; i++) state->last[i] = 0.0f;" : "";
        return $$"""
            /* The state before a sequence's first step. */
            static inline void {{name}}_reset({{name}}_state *state)
            {
                for (int i = 0; i < {{name}}_STATE; i++) state->s[i] = {{start}};{{pool}}{{last}}
            }

            """;
    }

    /// <summary>Puts the quantiles of each number in order.</summary>
    public static string Sort(string name, int levels) => Invariant($$"""
        /* Quantiles that crossed change places. */
        static inline void {{name}}_sort(float *out)
        {
            for (int i = 0; i < {{name}}_OUTPUTS; i += {{levels}}) {
                for (int a = 1; a < {{levels}}; a++) {
                    const float value = out[i + a];
                    int b = a;
                    for (; b > 0 && out[i + b - 1] > value; b--) out[i + b] = out[i + b - 1];
                    out[i + b] = value;
                }
            }
        }

        """);

    /// <summary>Products and activations.</summary>
    public static IEnumerable<string> Functions(CHeaderOptions options, bool indexed, HashSet<Activation> activations)
    {
        string name = options.Name;
        bool bytes = options.Weights == CWeights.Int8, rational = options.Tanh == CTanh.Rational;
        yield return bytes ? AddBytes(name) : Add(name);
        if (indexed) yield return Row(name, bytes);
        if (activations.Contains(Activation.Tanh) || (rational && activations.Contains(Activation.Sigmoid)))
            yield return rational ? RationalTanh(name) : $"static inline float {name}_tanh(float x) {{ return tanhf(x); }}\n";
        if (activations.Contains(Activation.Sigmoid))
        {
            string value = rational ? $"0.5f + 0.5f * {name}_tanh(0.5f * x)" : "1.0f / (1.0f + expf(-x))";
            yield return $"static inline float {name}_sigmoid(float x) {{ return {value}; }}\n";
        }

        if (activations.Contains(Activation.Relu))
            yield return $"static inline float {name}_relu(float x) {{ return x > 0.0f ? x : 0.0f; }}\n";
    }

    /// <summary>Makes probabilities of outputs.</summary>
    public static string Probabilities(string name, bool softmax) => softmax
        ? $$"""
            /* Makes the probabilities of the classes of what a step gave, in its place. */
            static inline void {{name}}_probabilities(float *out)
            {
                float top = out[0], sum = 0.0f;
                for (int j = 1; j < {{name}}_OUTPUTS; j++) top = out[j] > top ? out[j] : top;
                for (int j = 0; j < {{name}}_OUTPUTS; j++) {
                    out[j] = expf(out[j] - top);
                    sum += out[j];
                }
                for (int j = 0; j < {{name}}_OUTPUTS; j++) out[j] /= sum;
            }

            """
        : $$"""
            /* Makes the probability of each bit of what a step gave, in its place. */
            static inline void {{name}}_probabilities(float *out)
            {
                for (int j = 0; j < {{name}}_OUTPUTS; j++) out[j] = {{name}}_sigmoid(out[j]);
            }

            """;

    private static string Add(string name) => $$"""
        /* y += W u; w holds W by columns: rows numbers for each of the u. */
        static inline void {{name}}_add(float *{{name}}_RESTRICT y, const float *{{name}}_RESTRICT w,
            const float *{{name}}_RESTRICT u, int columns, int rows)
        {
            int i = 0;
            for (; i + 3 < columns; i += 4, w += 4 * rows) {
                const float a = u[i], b = u[i + 1], c = u[i + 2], d = u[i + 3];
                for (int j = 0; j < rows; j++)
                    y[j] += a * w[j] + b * w[rows + j] + c * w[2 * rows + j] + d * w[3 * rows + j];
            }
            for (; i < columns; i++, w += rows) {
                const float a = u[i];
                for (int j = 0; j < rows; j++) y[j] += a * w[j];
            }
        }

        """;

    private static string AddBytes(string name) => $$"""
        /* y += W u; w holds W by columns in 8 bits: rows numbers for each of the u, each row with its scale. */
        static inline void {{name}}_add(float *{{name}}_RESTRICT sum, float *{{name}}_RESTRICT y,
            const signed char *{{name}}_RESTRICT w, const float *{{name}}_RESTRICT scale,
            const float *{{name}}_RESTRICT u, int columns, int rows)
        {
            for (int j = 0; j < rows; j++) sum[j] = 0.0f;
            for (int i = 0; i < columns; i++, w += rows) {
                const float a = u[i];
                for (int j = 0; j < rows; j++) sum[j] += a * (float)w[j];
            }
            for (int j = 0; j < rows; j++) y[j] += scale[j] * sum[j];
        }

        """;

    private static string Row(string name, bool bytes)
    {
        (string type, string scale, string value) = bytes
            ? ("signed char", $" const float *{name}_RESTRICT scale,", "scale[j] * (float)w[i * rows + j]")
            : ("float", "", "w[i * rows + j]");
        return $$"""
            /* y += W u where u is 1 at i and else 0; nothing for an i outside. */
            static inline void {{name}}_row(float *{{name}}_RESTRICT y, const {{type}} *{{name}}_RESTRICT w,{{scale}}
                int i, int columns, int rows)
            {
                if (i < 0 || i >= columns) return;
                for (int j = 0; j < rows; j++) y[j] += {{value}};
            }

            """;
    }

    /// <summary>The approximation of the Eigen library: odd of degree 13 over even of degree 6, up to where tanh is 1.</summary>
    private static string RationalTanh(string name) => $$"""
        /* tanh, at most 5e-7 off. */
        static inline float {{name}}_tanh(float x)
        {
            float z, p, q;
            x = x < -7.9053111f ? -7.9053111f : x;
            x = x > 7.9053111f ? 7.9053111f : x;
            z = x * x;
            p = z * -2.76076847742355e-16f + 2.00018790482477e-13f;
            p = z * p + -8.60467152213735e-11f;
            p = z * p + 5.12229709037114e-08f;
            p = z * p + 1.48572235717979e-05f;
            p = z * p + 6.37261928875436e-04f;
            p = z * p + 4.89352455891786e-03f;
            q = z * 1.19825839466702e-06f + 1.18534705686654e-04f;
            q = z * q + 2.26843463243900e-03f;
            q = z * q + 4.89352518554385e-03f;
            return x * p / q;
        }

        """;
}
