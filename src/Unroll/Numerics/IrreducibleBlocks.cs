namespace Unroll.Numerics;

/// <summary>
/// The irreducible diagonal blocks of a square matrix: reordered by the blocks, the matrix is block triangular, so its
/// eigenvalues are those of the blocks. The blocks are the strongly connected components of the graph with an edge for every
/// entry that is not zero (Tarjan, 1972, with an explicit stack instead of recursion). The blocks of a triangular matrix are its
/// diagonal entries.
/// </summary>
internal static class IrreducibleBlocks
{
    public static List<int[]> Of(ReadOnlySpan<double> matrix, int n)
    {
        var blocks = new List<int[]>();
        var order = new int[n]; // when a node was visited, from 1; 0 before
        var low = new int[n]; // the earliest node known to be reachable within the open component
        var next = new int[n]; // the column at which to continue
        var closed = new bool[n];
        var open = new Stack<int>(); // nodes visited and not yet in a block
        var path = new Stack<int>(); // from the root to the current node
        int met = 0;
        for (int root = 0; root < n; root++)
        {
            if (order[root] != 0) continue;
            Meet(root);
            while (path.TryPeek(out int node))
            {
                int to = next[node]++;
                if (to < n)
                {
                    if (matrix[(node * n) + to] == 0 || closed[to]) continue;
                    if (order[to] == 0) Meet(to);
                    else low[node] = Math.Min(low[node], order[to]);
                    continue;
                }

                path.Pop();
                if (path.TryPeek(out int parent)) low[parent] = Math.Min(low[parent], low[node]);
                if (low[node] == order[node]) Close(node);
            }
        }

        return blocks;

        void Meet(int node)
        {
            order[node] = low[node] = ++met;
            open.Push(node);
            path.Push(node);
        }

        void Close(int node)
        {
            var block = new List<int>();
            int member;
            do
            {
                member = open.Pop();
                closed[member] = true;
                block.Add(member);
            }
            while (member != node);
            block.Sort();
            blocks.Add([.. block]);
        }
    }
}
