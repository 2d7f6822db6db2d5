namespace Retort.Training;

/// <summary>Proves that a teacher does not change while it is used.</summary>
static class FrozenTeacher
{
    /// <summary>Uses a teacher, and then refuses it where its hash is not that of before.</summary>
    /// <param name="teacher">The teacher; null for none, and nothing is checked.</param>
    /// <param name="user">What uses it, for the message.</param>
    /// <param name="use">The work.</param>
    /// <exception cref="InvalidOperationException">The teacher changed.</exception>
    public static T Check<T>(ITeacher? teacher, string user, Func<T> use)
    {
        var before = teacher?.Fingerprint();
        var result = use();
        if (teacher?.Fingerprint() is var after && after != before) throw new InvalidOperationException(
            $"{user}: the teacher changed while it was used; it must stay as it is, or networks cannot be compared "
            + $"(its hash was {before} and is {after}).");
        return result;
    }
}
