namespace Retort.Tasks;

/// <summary>The names of targets in messages.</summary>
static class TargetText
{
    public static string Of(TargetKind kind) => kind switch
    {
        TargetKind.Class => "one class an example",
        TargetKind.Labels => "several labels an example",
        TargetKind.Values => "values",
        _ => "no targets",
    };
}
