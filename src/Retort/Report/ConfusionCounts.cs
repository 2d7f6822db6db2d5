using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Report;

/// <summary>Who takes what for what, on test.</summary>
static class ConfusionCounts
{
    /// <summary>How often each label got each answer, these networks together. [label][answer]</summary>
    public static int[][] Counts(IReadOnlyList<NetworkData> networks)
    {
        var classes = networks[0].Test.Width;
        var counts = Enumerable.Range(0, classes).Select(_ => new int[classes]).ToArray();
        foreach (var network in networks)
        {
            var answers = Answers(network.Test);
            for (var i = 0; i < answers.Length; i++) counts[network.Test.Labels[i]][answers[i]]++;
        }
        return counts;
    }

    /// <summary>Accuracy on each class.</summary>
    public static IReadOnlyList<ClassFigures> ByClass(RunData run)
    {
        var (teacher, control, student) = Shares(run);
        var counts = Counts(run.Students);
        return [.. run.Classes.Select((name, c) => new ClassFigures(name, counts[c].Sum() / run.Students.Count,
            teacher?[c][c], control?[c][c], student[c][c]))];
    }

    /// <summary>The student's most frequent confusions, by share of their class.</summary>
    public static IReadOnlyList<Confusion> Confusions(RunData run, int most)
    {
        var (teacher, control, student) = Shares(run);
        return [.. (from label in Enumerable.Range(0, run.Classes.Count)
                   from answer in Enumerable.Range(0, run.Classes.Count)
                   where label != answer && student[label][answer] > 0
                   orderby student[label][answer] descending, label, answer
                   select new Confusion(run.Classes[label], run.Classes[answer], teacher?[label][answer], control?[label][answer],
                       student[label][answer])).Take(most)];
    }

    /// <summary>What the teacher gets right and students wrong: what most seeds miss, and most surely, first.</summary>
    public static IReadOnlyList<Misclassified> Misses(RunData run, int most)
    {
        if (run.Teacher is not { Test: var teacher }) return [];
        var (taught, students) = (Answers(teacher), run.Students.Select(network => Answers(network.Test)).ToList());
        var controls = run.Controls.Select(network => Answers(network.Test)).ToList();
        return [.. Enumerable.Range(0, taught.Length)
            .Where(i => taught[i] == teacher.Labels[i] && students.Any(answers => answers[i] != teacher.Labels[i]))
            .Select(Missed)
            .OrderByDescending(miss => miss.StudentsWrong).ThenByDescending(miss => miss.Confidence).ThenBy(miss => miss.Position)
            .Take(most)];

        Misclassified Missed(int i)
        {
            var label = teacher.Labels[i];
            var answer = students.Select(answers => answers[i]).Where(answer => answer != label)
                .GroupBy(answer => answer).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
            var confidence = run.Students.Where((_, k) => students[k][i] == answer)
                .Average(network => LogitRows.Confidence(Row(network.Test, i)));
            return new(teacher.Ids[i], i, run.Classes[(int)label], run.Classes[answer], confidence, LogitRows.Confidence(Row(teacher, i)),
                students.Count(answers => answers[i] != label), controls.Count(answers => answers[i] != label));
        }
    }

    static (double[][]? Teacher, double[][]? Control, double[][] Student) Shares(RunData run) => (
        run.Teacher is null ? null : Share(Counts([run.Teacher])),
        run.Controls.Count == 0 ? null : Share(Counts(run.Controls)),
        Share(Counts(run.Students)));

    /// <summary>Rows divided by their sums; a class without examples stays 0.</summary>
    public static double[][] Share(int[][] counts) =>
        [.. counts.Select(row => row.Select(count => (double)count / Math.Max(row.Sum(), 1)).ToArray())];

    static int[] Answers(Predictions predictions) =>
        [.. Enumerable.Range(0, predictions.Labels.Length).Select(i => LogitRows.ArgMax(Row(predictions, i)))];

    static ReadOnlySpan<float> Row(Predictions predictions, int i) =>
        predictions.Values.AsSpan(i * predictions.Width, predictions.Width);
}
