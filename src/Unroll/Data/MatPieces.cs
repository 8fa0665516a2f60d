using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// The pieces of one variable of a MATLAB file, in each of the forms in which programs write a list of steps x 88 matrices: a
/// cell of them (of any shape), cells within cells, sparse matrices, one array pieces x steps x 88 or steps x 88 x pieces where
/// all are of one length, a single matrix, and such an array as cells of single numbers.
/// </summary>
/// <param name="file">The whole file. The number of bytes read so far bounds the size that sparse matrices may claim.</param>
internal sealed class MatPieces(MatReader file)
{
    private const int Deepest = 4;

    // Silent steps of a sparse matrix take no bytes in the file. Allowed are 2^18 of them (4 MB) plus 20 for each byte of the
    // file.
    private const long SparseStepsAtLeast = 1 << 18, SparseStepsByte = 20;

    private readonly MatBits _bits = new();
    private long _sparseSteps;

    /// <summary>Reads the content of a variable after its beginning was read.</summary>
    /// <exception cref="InvalidFileException">The content has another form.</exception>
    public List<PianoRoll> Read(MatReader reader, MatArray array, string name, long end)
    {
        var pieces = new List<PianoRoll>();
        Read(reader, array, name, end, pieces, 0);
        return pieces;
    }

    private void Read(MatReader reader, MatArray array, string name, long end, List<PianoRoll> pieces, int depth)
    {
        if (array.Class == MatArray.Cell && depth < Deepest) ReadCell(reader, array, name, end, pieces, depth);
        else if (array is { Class: MatArray.Sparse, Complex: false }) pieces.Add(ReadSparse(reader, array, name, end));
        else if (array.IsReal)
        {
            Form form = FormOf(reader, array, name);
            _bits.Read(reader, array, name, end);
            AddRolls(form, name, pieces);
        }
        else
        {
            throw reader.Wrong(depth == 0 ? $"has a variable {name} of {array.Describe()} where a cell of matrices is expected"
                : $"has {array.Describe()} as {name}, where a matrix of numbers is expected");
        }

        reader.Skip(end - reader.Position);
    }

    private void ReadCell(MatReader reader, MatArray cell, string name, long end, List<PianoRoll> pieces, int depth)
    {
        bool single = false;
        for (long i = 0; i < cell.Count; i++)
        {
            string part = Invariant($"{name}{{{i + 1}}}");
            long at = reader.Position;
            MatTag tag = reader.Tag();
            long last = reader.Position + tag.Length;
            if (tag.Type != MatTag.Matrix || last > end)
                throw reader.Wrong(Invariant($"has no matrix where {part} is expected, at byte {at}{reader.Where}"));
            if (tag.Length == 0) throw reader.Wrong($"has an empty piece {part}; a piece needs two steps");
            MatArray array = MatArray.Read(reader, last)
                ?? throw reader.Wrong(Invariant($"has no matrix where {part} is expected, at byte {at}{reader.Where}"));
            if (i == 0)
            {
                single = cell.Sizes[^1] == PianoRoll.Keys && array is { IsReal: true, Count: 1 };
                if (single) _bits.Clear();
            }

            if (!single)
            {
                Read(reader, array, part, last, pieces, depth + 1);
                continue;
            }

            if (array is not { IsReal: true, Count: 1 })
                throw reader.Wrong($"has {array.Describe()} as {part}, where a single number is expected like those before it");
            _bits.Append(reader, array, part, last);
            reader.Skip(last - reader.Position);
        }

        if (reader.Position > end) throw reader.Wrong($"has a variable {name} that is longer than it says");
        if (single) AddRolls(FormOf(reader, cell, name), name, pieces);
    }

    private void AddRolls(Form form, string name, List<PianoRoll> pieces) => pieces.AddRange(_bits.ToRolls(
        piece => form.Pieces == 1 ? name : form.Lead ? Invariant($"{name}({piece + 1},:,:)")
            : Invariant($"{name}(:,:,{piece + 1})"), form.Pieces, form.Steps, form.Lead));

    /// <summary>Which indices of an array are pieces, steps and keys.</summary>
    private static Form FormOf(MatReader reader, MatArray array, string name)
    {
        long[] sizes = array.Sizes;
        bool lead = sizes[^1] == PianoRoll.Keys, last = !lead && sizes.Length == 3 && sizes[1] == PianoRoll.Keys;
        if (!lead && !last)
        {
            string remedy = sizes.Length == 2 && sizes[0] == PianoRoll.Keys ? "; transpose it" : "";
            throw reader.Wrong($"has {array.Shape()} numbers as {name}, where steps x {PianoRoll.Keys} are expected{remedy}");
        }

        long steps = last ? sizes[0] : sizes[^2], pieces = last ? sizes[2] : array.Count / PianoRoll.Keys / Math.Max(1, steps);
        CheckSteps(reader, steps, name);
        return pieces <= int.MaxValue ? new Form((int)pieces, (int)steps, lead)
            : throw reader.Wrong(Invariant($"has {pieces} pieces in {name}, which is too many"));
    }

    private static void CheckSteps(MatReader reader, long steps, string name)
    {
        if (steps is < 2 or > PianoRoll.MaximumSteps)
            throw reader.Wrong(Invariant($"has {Counted.Of(steps, "step")} in {name}, where 2 to ")
                + Invariant($"{PianoRoll.MaximumSteps} are possible"));
    }

    /// <summary>
    /// Reads the step of each stored number, the index at which the numbers of each key begin, and the numbers.
    /// </summary>
    private PianoRoll ReadSparse(MatReader reader, MatArray array, string name, long end)
    {
        if (array.Sizes.Length != 2 || array.Sizes[1] != PianoRoll.Keys)
            FormOf(reader, array with { Sizes = array.Sizes.Length == 2 ? array.Sizes : [0, 0] }, name);
        long steps = array.Sizes[0];
        CheckSteps(reader, steps, name);
        _sparseSteps += steps;
        if (_sparseSteps > SparseStepsAtLeast + (SparseStepsByte * file.Position))
            throw reader.Wrong(
                Invariant($"has {steps} steps in {name} of which nearly all are silent; save it full, with full({name})"));
        List<int> rows = Indices(reader, name, steps - 1, end), begins = Indices(reader, name, int.MaxValue, end);
        if (begins.Count != PianoRoll.Keys + 1 || begins[0] != 0)
            throw reader.Wrong($"has a damaged sparse matrix {name}: its columns have no beginning");
        for (int key = 0; key < PianoRoll.Keys; key++)
        {
            if (begins[key + 1] < begins[key] || begins[key + 1] > rows.Count)
                throw reader.Wrong(Invariant($"has a damaged sparse matrix {name}: its column {key + 1} ends before it begins"));
        }

        long count = Math.Max(begins[^1], 0), at = reader.Position;
        MatTag tag = reader.Tag();
        MatNumbers numbers = MatNumbers.Of(reader, tag, name, at, end);
        if (tag.Length / numbers.Size < count)
            throw reader.Wrong(
                Invariant($"has {Counted.Of(tag.Length, "byte")} of data in {name}, ")
                    + Invariant($"where {Counted.Are(count, "number")} expected, of {Counted.Of(numbers.Size, "byte")} each"));
        var roll = new PianoRoll(name, (int)steps);
        for (int i = 0, key = 0; i < count; i++)
        {
            while (begins[key + 1] <= i) key++;
            if (numbers.Next(reader) is not { } bit)
                throw reader.Wrong(Invariant($"has a number other than 0 and 1 in {name}, at step {rows[i] + 1}, key {key + 1}"));
            if (bit) roll[rows[i], key] = true;
        }

        return roll;
    }

    private static List<int> Indices(MatReader reader, string name, long most, long end)
    {
        const int Int32 = 5;
        MatTag tag = reader.Tag();
        if (tag.Type != Int32 || tag.Length % 4 != 0 || reader.Position + tag.Length > end)
            throw reader.Wrong(
                Invariant($"has a damaged sparse matrix {name}: no indices before byte {reader.Position}{reader.Where}"));
        var indices = new List<int>();
        for (long left = tag.Length / 4; left > 0; left--)
        {
            int index = (int)reader.UInt32();
            if (index < 0 || index > most)
                throw reader.Wrong(
                    Invariant($"has a damaged sparse matrix {name}: an index {index}, where at most {most} is possible"));
            indices.Add(index);
        }

        reader.SkipPadding(tag);
        return indices;
    }

    private readonly record struct Form(int Pieces, int Steps, bool Lead);
}
