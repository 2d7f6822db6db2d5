using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Report;

/// <summary>
/// Whether the students of two runs can be paired by seed: all that made them is the same, except the method and what
/// a search chose for it.
/// </summary>
/// <remarks>
/// The rule is about configurations. A run's own control shares network, augmentation and seed with its student, so
/// that controls of one configuration vouch for both students. Equal predictions of the controls would prove less (a
/// control that is not trained predicts the same whatever the students' budget is) and demand more: another number of
/// threads changes the last bits.
/// </remarks>
static class PairingRule
{
    /// <summary>
    /// The first part in which the runs differ, as the end of a sentence; null where they can be paired.
    /// </summary>
    public static string? Difference(NamedRun one, NamedRun other)
    {
        var (first, second) = (one.Data, other.Data);
        var (sizes, its) = (first.Info.Examples, second.Info.Examples);
        if (sizes != its) return sizes.Training == its.Training && sizes.Labelled != its.Labelled
            ? "their numbers of labelled examples differ" : "the sizes of their splits differ";
        if (first.Info.DataHash != second.Info.DataHash) return "their data differ";
        if (!first.Info.Seeds.Order().SequenceEqual(second.Info.Seeds.Order())) return "their seeds differ";
        if (new[] { one, other }.FirstOrDefault(run => run.Data.Controls.Count == 0)?.Name is { } without)
            return $"{without} has no control";
        if (TeacherOf(first) is { } teacher && TeacherOf(second) is { } another && teacher != another)
            return "their teachers differ";

        return DifferenceOf(first.Controls[0].Config, second.Controls[0].Config)
            ?? DifferenceOf(TrainingOf(first), TrainingOf(second))
            ?? (first.Controls[0].Config.Steps == second.Controls[0].Config.Steps ? null
                : "the controls took other numbers of steps");
    }

    /// <summary>Whether the controls of each seed have the same predictions on test, bit by bit.</summary>
    public static bool HaveSameControls(RunData one, RunData other) => one.Controls.All(control =>
        NetworkOf(other.Controls, control.Config.Seed).Predictions.Test.Values
            .SequenceEqual(control.Predictions.Test.Values));

    /// <summary>The network of a seed.</summary>
    public static NetworkData NetworkOf(IReadOnlyList<NetworkData> networks, int seed) =>
        networks.First(network => network.Config.Seed == seed);

    static string? TeacherOf(RunData run) => run.Students[0].Config.TeacherHash;

    static string? DifferenceOf(NetworkConfig one, NetworkConfig other)
    {
        if (!JsonNode.DeepEquals(one.Network, other.Network)) return "the networks of control and student differ";
        if (!JsonNode.DeepEquals(one.Augmentation, other.Augmentation)) return "their augmentations differ";
        if (!JsonNode.DeepEquals(one.Task, other.Task)) return "their tasks have other options";
        return JsonNode.DeepEquals(one.Method, other.Method) ? null : "the methods of the controls differ";
    }

    // a control that is not trained says nothing of the students' training: the recipe does
    static JsonNode? TrainingOf(RunData run) =>
        run.Controls[0].Config.Method is null ? run.Info.Recipe["training"] : run.Controls[0].Config.Training;

    // options that change no bit of the result are left out
    static string? DifferenceOf(JsonNode? one, JsonNode? other)
    {
        string[] withoutEffect = ["checkpointSeconds", "tensorboard"];
        var (first, second) = (one as JsonObject ?? [], other as JsonObject ?? []);
        return first.Select(option => option.Key).Union(second.Select(option => option.Key)).Except(withoutEffect)
            .Where(name => !JsonNode.DeepEquals(first[name], second[name]))
            .Select(name => $"the controls differ in training.{name}").FirstOrDefault();
    }
}
