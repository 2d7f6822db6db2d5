namespace Retort.Tests.Methods;

/// <summary>A Markov decision process in tables, with exact values.</summary>
/// <param name="transitions">P(s' | s, a). [S][A][S]</param>
/// <param name="rewards">r(s, a). [S][A]</param>
/// <param name="discount">γ.</param>
sealed class TabularMdp(double[][][] transitions, double[][] rewards, double discount)
{
    public int States => rewards.Length;

    public int Actions => rewards[0].Length;

    /// <summary>Random transitions, Dirichlet(0.1), and rewards, N(0, 1).</summary>
    public static TabularMdp Random(ref RandomStream random, int states = 20, int actions = 4, double discount = 0.9)
    {
        var transitions = new double[states][][];
        var rewards = new double[states][];
        for (var s = 0; s < states; s++)
        {
            transitions[s] = new double[actions][];
            rewards[s] = new double[actions];
            for (var a = 0; a < actions; a++)
            {
                var row = new double[states];
                for (var next = 0; next < states; next++) row[next] = random.Gamma(0.1);
                var sum = row.Sum();
                transitions[s][a] = [.. row.Select(one => one / sum)];
                rewards[s][a] = random.Normal();
            }
        }
        return new(transitions, rewards, discount);
    }

    /// <summary>V of a policy π(a | s): the solution of (1 − γ P) V = r. [S][A] → [S]</summary>
    public double[] Values(double[][] policy)
    {
        var n = States;
        var rows = new double[n][];
        for (var s = 0; s < n; s++)
        {
            rows[s] = new double[n + 1];
            for (var a = 0; a < Actions; a++)
            {
                rows[s][n] += policy[s][a] * rewards[s][a];
                for (var next = 0; next < n; next++) rows[s][next] -= discount * policy[s][a] * transitions[s][a][next];
            }
            rows[s][s] += 1;
        }
        return Solved(rows);
    }

    /// <summary>Q(s, π(·|s)) when the policy acts once and another one's values follow. → [S]</summary>
    public double[] Qualities(double[][] policy, double[] values) =>
    [
        .. Enumerable.Range(0, States).Select(s => Enumerable.Range(0, Actions).Sum(a => policy[s][a]
            * (rewards[s][a] + discount * transitions[s][a].Zip(values, (p, v) => p * v).Sum()))),
    ];

    /// <summary>A policy that takes these actions. [S] → [S][A]</summary>
    public double[][] Of(IEnumerable<int> actions) =>
        [.. actions.Select(a => Enumerable.Range(0, Actions).Select(i => i == a ? 1.0 : 0).ToArray())];

    static double[] Solved(double[][] rows)
    {
        var n = rows.Length;
        for (var column = 0; column < n; column++)
        {
            var pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(rows[row][column]));
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            for (var row = 0; row < n; row++)
            {
                if (row == column) continue;

                var factor = rows[row][column] / rows[column][column];
                for (var j = column; j <= n; j++) rows[row][j] -= factor * rows[column][j];
            }
        }
        return [.. Enumerable.Range(0, n).Select(row => rows[row][n] / rows[row][row])];
    }
}
