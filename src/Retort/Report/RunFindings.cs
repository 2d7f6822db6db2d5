using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Runs;

namespace Retort.Report;

/// <summary>
/// What a reader should know of a run before its figures: training that went wrong, a teacher that cannot help, a
/// search that ended at its edge, a test split that is too small. Each comes with one thing to do.
/// </summary>
sealed class RunFindings(RunData run, ModelResults? teacher, ModelResults? control)
{
    const string LearningRate = "training.learningRate";

    public IReadOnlyList<Finding> All() =>
        [
            .. run.Info.DataFindings ?? [], .. Teacher(), .. TeacherNotTuned(), .. Starts(), .. Edges(), .. Queue(),
            .. run.Task.Findings(run.Predictions),
        ];

    IEnumerable<Finding> Teacher()
    {
        var primary = run.Task.Primary;
        if (teacher?.Scores.GetValueOrDefault(primary.Name) is not { Mean: var best } || control is null) yield break;

        var own = control.Scores[primary.Name].Mean;
        if (primary.IsBetter(best, own)) yield break;

        yield return new(
            $"The teacher is no better than the control: {primary.Title} {primary.ShortWithUnit(best)} against "
                + $"{primary.ShortWithUnit(own)}, so there is no gap to close.",
            teacher.GivenHash is null
                ? "Train it for more epochs, or with another teacher.training.learningRate."
                : "Check its option \"normalization\", its \"layout\" and the order of its classes.");
    }

    IEnumerable<Finding> TeacherNotTuned()
    {
        if (run.Search is not { Teacher: null } || teacher?.Training?["learningRate"] is not { } rate
            || !run.Search.Student.Best.Settings.ContainsKey(LearningRate)) yield break;
        yield return new(
            $"The learning rate was searched for control and student, and not for the teacher, whose rate is {rate}.",
            "Name rates for it in tuning.teacherLearningRates, or search over teacher.training.learningRate.");
    }

    // read from the text of the recipe, so that a run of an earlier version is not refused for its other options
    IEnumerable<Finding> Queue()
    {
        if (run.Info.Recipe["method"] is not JsonObject method || JsonFile.NameIn(method) != "compress"
            || method["anchors"] is not JsonValue value || !value.TryGetValue<int>(out var anchors)) yield break;

        if (AnchorSimilarityOptions.FindingOf(anchors, run.Info.Examples.Training) is { } finding) yield return finding;
    }

    // a mean loss of the first epoch far above that of guessing, or a rise from the first epoch to the second
    IEnumerable<Finding> Starts()
    {
        List<NetworkData> high = [], risen = [];
        foreach (var network in run.Controls.Concat(run.Students).Concat(run.Teacher is null ? [] : [run.Teacher]))
        {
            if (network.Epochs is not [{ Loss: { } first }, ..]) continue;

            var loss = first.GetValueOrDefault("total");
            var learnsLabels = JsonFile.NameIn(network.Config.Method) == "labels";
            if (learnsLabels && run.Task.LossOfGuessing is { } guessing && loss > 2 * guessing) high.Add(network);
            else if (network.Epochs is [_, { Loss: { } second }, ..] && second.GetValueOrDefault("total") > loss)
                risen.Add(network);
        }
        if (risen.Count > 0) yield return new(
            $"The mean loss rose from the first epoch to the second: {PartsOf(risen)}.", SlowerStart(risen));
        if (high.Count > 0) yield return new(
            $"The mean loss of the first epoch is more than twice that of guessing: {PartsOf(high)}.",
            SlowerStart(high));
    }

    static string PartsOf(List<NetworkData> networks)
    {
        const int shown = 4;
        return string.Join(", ", networks.Take(shown).Select(network => network.Config.Part))
            + (networks.Count > shown ? Invariant($" and {networks.Count - shown} more") : "");
    }

    static string SlowerStart(List<NetworkData> networks)
    {
        var limited = networks.TrueForAll(network => network.Config.Training?["maxGradientNorm"] is not JsonValue norm
            || norm.TryGetValue<double>(out var value) && value > 0);
        return "If it does not learn well later, try a lower learningRate or a warm-up (scheduler.warmUp)"
            + (limited ? "." : ", or maxGradientNorm 1, the default.");
    }

    IEnumerable<Finding> Edges()
    {
        if (run.Search is not { } search) yield break;

        foreach (var (role, side, option) in new[]
        {
            ("student", search.Student, LearningRate), ("control", search.Control, LearningRate),
            ("teacher", search.Teacher, search.Teacher?.Best.Settings.Keys.Single()),
        })
            if (side is not null && EdgeOf(side, option!) is { } finding)
                yield return finding with { Text = $"The {role}'s {finding.Text}" };
    }

    static Finding? EdgeOf(SearchedSide side, string option)
    {
        if (RateOf(side.Best, option) is not { } best) return null;

        var tried = side.Trials.Select(trial => RateOf(trial, option)).OfType<double>();
        List<double> rates = [.. tried.Distinct().Order()];
        if (rates.Count < 2 || best > rates[0] && best < rates[^1]) return null;

        var isLowest = best == rates[0];
        return new(
            $"best learning rate, {NumberFormat.Plain(best)}, is the {(isLowest ? "lowest" : "highest")} that was "
                + "tried.",
            $"Try {NumberFormat.Plain(isLowest ? best / 2 : best * 2)} too.");
    }

    static double? RateOf(SearchedTrial trial, string option) =>
        trial.Settings.GetValueOrDefault(option) is JsonValue value
        && value.TryGetValue<double>(out var rate) ? rate : null;
}
