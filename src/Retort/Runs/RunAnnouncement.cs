using Retort.Recipes;

namespace Retort.Runs;

/// <summary>What a run says before it begins: its data and the networks to train.</summary>
static class RunAnnouncement
{
    /// <summary>The sentences, one a line.</summary>
    public static IEnumerable<string> Of(RunContext context, RunPlan plan) =>
    [
        DataOf(context), .. context.Data.Notes, .. context.Data.Findings.Select(finding => finding.Text),
        NetworksOf(context, plan), .. InitialWeightsOf(context, plan),
    ];

    static string DataOf(RunContext context)
    {
        var (data, sizes) = (context.Data, context.Info.Examples);
        if (data.Info.Actions is { } actions) return $"{data.Name.OnOneLine()}: "
            + $"{NumberFormat.Count(data.Info.Inputs[0].Count)} observed values, {NumberFormat.Count(actions.Width)} "
            + $"{(actions.IsContinuous ? "numbers in an action" : "actions")}; "
            + $"{NumberFormat.Count(sizes.Validation)} episodes for validation, "
            + $"{NumberFormat.Count(sizes.Test)} for the test";

        var targets = data.Info.Targets switch
        {
            TargetKind.Class => " classes; ",
            TargetKind.Labels => " labels; ",
            TargetKind.Values => " values; ",
            _ => "",
        };
        var count = targets.Length == 0 ? "" : NumberFormat.Count(data.Info.Classes.Count);
        var labelled = sizes.Labelled == sizes.Training ? ""
            : $" ({NumberFormat.Count(sizes.Labelled)} with labels)";
        return $"{data.Name.OnOneLine()}: {count}{targets}{NumberFormat.Count(sizes.Training)} training examples"
            + $"{labelled}, {NumberFormat.Count(sizes.Validation)} for validation, "
            + $"{NumberFormat.Count(sizes.Test)} for the test";
    }

    static string NetworksOf(RunContext context, RunPlan plan)
    {
        var networks = plan.Jobs.OfType<NetworkJob>().Where(job => job.IsTrained).ToList();
        string[] kinds =
        [
            Counted(networks.Count(job => job is { Role: Role.Teacher, IsTrial: false }), "teacher"),
            Counted(networks.Where(job => job.IsTrial).DistinctBy(job => job.Folder).Count(), "trial"),
            Counted(networks.Count(job => job is { Role: Role.Control, IsTrial: false }), "control"),
            Counted(networks.Count(job => job is { Role: Role.Student, IsTrial: false }), "student"),
        ];
        var done = networks.Count(job => job.IsDone(context.Folder));
        return $"to train: {string.Join(", ", kinds.Where(kind => kind.Length > 0))}"
            + (done > 0 ? Invariant($"; {done} of {networks.Count} trainings are done already") : "");
    }

    // of networks that are still to be trained: a run that is done does not need the files
    static IEnumerable<string> InitialWeightsOf(RunContext context, RunPlan plan)
    {
        var (data, recipe) = (context.Data.Info, context.Recipe);
        var open = plan.Jobs.OfType<NetworkJob>().Where(job => job.IsTrained && !job.IsDone(context.Folder)).ToList();
        var teacher = open.Exists(job => job.Role == Role.Teacher) && recipe.TeacherItself is TrainedTeacherOptions own
            ? own.Network.DescribeInitial(data.ForTeacher)
            : null;
        if (teacher is not null) yield return $"the teacher {teacher}";

        var student = open.Exists(job => job.Role != Role.Teacher) ? recipe.Student.DescribeInitial(data) : null;
        if (student is not null) yield return $"the student {student}";
    }

    static string Counted(int count, string name) =>
        count == 0 ? "" : $"{NumberFormat.Count(count)} {name}{(count == 1 ? "" : "s")}";
}
