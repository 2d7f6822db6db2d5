namespace Retort.Methods;

/// <remarks>This file: budget and penalty of each round, and which steps are whose.</remarks>
public sealed partial class ScaffoldedKnowledge
{
    /// <summary>δ and λ of each round.</summary>
    internal sealed class Schedule(ScaffoldedKnowledgeOptions options, int rounds)
    {
        /// <summary>δ of a round: from its highest to its lowest value by half a cosine.</summary>
        public double Budget(int round)
        {
            var decays = options.BudgetPeriod is { } period ? round / period : 0;
            var highest = options.Budget * Math.Pow(options.BudgetDecay, decays);
            return Between(highest, options.FinalBudget, Progress(round, options.BudgetPeriod));
        }

        /// <summary>λ of a round by its schedule: from its lowest to its highest value by half a cosine.</summary>
        public double Penalty(int round) =>
            Between(options.Penalty, options.FinalPenalty, Progress(round, options.PenaltyPeriod));

        /// <summary>
        /// λ after a round of the primal-dual updates: the ascent by the excess over the budget, which may be negative,
        /// clipped to 0 and the largest λ.
        /// </summary>
        public double Ascend(double penalty, double used, double budget) =>
            Math.Clamp(penalty + (options.DualRate ?? 0) * (used - budget), 0, options.FinalPenalty);

        // 0 at a period's begin; without a period 1 in the last round
        double Progress(int round, int? period) =>
            period is { } length ? (double)(round % length) / length : (double)round / Math.Max(rounds - 1, 1);

        static double Between(double first, double last, double progress) =>
            first + (last - first) * (1 - Math.Cos(Math.PI * progress)) / 2;
    }

    /// <summary>The student's steps after the warm-up, cut into rounds.</summary>
    internal sealed class RoundSteps(long steps, int rounds, double guideSteps)
    {
        /// <summary>How many rounds there are: no more than steps.</summary>
        public int Count { get; } = (int)Math.Min(rounds, steps);

        /// <summary>The first step of a round, counted from the end of the warm-up.</summary>
        public long First(int round) => steps * round / Math.Max(Count, 1);

        /// <summary>The round that begins with this step; null for a step within a round.</summary>
        public int? StartedBy(long step)
        {
            var round = (int)((step * Count + steps - 1) / steps);                      // the first not before the step
            return round < Count && First(round) == step ? round : null;
        }

        /// <summary>
        /// The guide's steps of a round, as positions in the order of the examples after the warm-up: at least one.
        /// </summary>
        public (long First, long Count) OfGuide(int round)
        {
            var first = (long)Math.Round(First(round) * guideSteps);
            return (first, Math.Max((long)Math.Round(First(round + 1) * guideSteps) - first, 1));
        }
    }
}
