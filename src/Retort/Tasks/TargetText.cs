namespace Retort.Tasks;

/// <summary>The names of targets in messages.</summary>
static class TargetText
{
    public static string Of(TargetKind kind) => kind switch
    {
        TargetKind.Class => "one class per example",
        TargetKind.Labels => "several labels per example",
        TargetKind.Values => "values",
        TargetKind.Return => "an environment in its place",
        _ => "no targets",
    };
}
