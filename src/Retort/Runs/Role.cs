namespace Retort.Runs;

/// <summary>The roles of a run's networks.</summary>
enum Role
{
    Teacher,
    Control,
    Student,
}

/// <summary>Names of roles in files, job names and messages.</summary>
static class RoleNames
{
    /// <summary><c>teacher</c>, <c>control</c> or <c>student</c>.</summary>
    public static string Name(this Role role) => role.ToString().ToLowerInvariant();
}
