namespace Retort.Tasks;

/// <summary>The assignment problem, by the Hungarian algorithm with shortest augmenting paths: O(n³).</summary>
static class Assignment
{
    /// <summary>The column of each row, one to one, so that the sum of the scores is highest.</summary>
    /// <param name="scores">[n, n], finite</param>
    public static int[] Best(double[,] scores)
    {
        // rows and columns from 1; column 0 has the row that is being assigned
        var n = scores.GetLength(0);
        var rowPrices = new double[n + 1];
        var columnPrices = new double[n + 1];
        var rowOf = new int[n + 1];
        for (var row = 1; row <= n; row++)
        {
            rowOf[0] = row;
            var before = Augment(scores, rowOf, rowPrices, columnPrices, out var column);
            while (column != 0)
            {
                rowOf[column] = rowOf[before[column]];
                column = before[column];
            }
        }
        var columnOf = new int[n];
        for (var column = 1; column <= n; column++) columnOf[rowOf[column] - 1] = column - 1;
        return columnOf;
    }

    // the cheapest path from column 0 to a free column, where a cost is the negative of a score
    static int[] Augment(double[,] scores, int[] rowOf, double[] rowPrices, double[] columnPrices, out int column)
    {
        var n = scores.GetLength(0);
        var before = new int[n + 1];
        var distances = Enumerable.Repeat(double.PositiveInfinity, n + 1).ToArray();
        var isVisited = new bool[n + 1];
        column = 0;
        do
        {
            isVisited[column] = true;
            var row = rowOf[column];
            var next = 0;
            var shortest = double.PositiveInfinity;
            for (var j = 1; j <= n; j++)
            {
                if (isVisited[j]) continue;

                var cost = -scores[row - 1, j - 1] - rowPrices[row] - columnPrices[j];
                if (cost < distances[j]) (distances[j], before[j]) = (cost, column);
                if (distances[j] < shortest) (shortest, next) = (distances[j], j);
            }
            for (var j = 0; j <= n; j++)
            {
                if (!isVisited[j]) distances[j] -= shortest;
                else
                {
                    rowPrices[rowOf[j]] += shortest;
                    columnPrices[j] -= shortest;
                }
            }
            column = next;
        }
        while (rowOf[column] != 0);
        return before;
    }
}
