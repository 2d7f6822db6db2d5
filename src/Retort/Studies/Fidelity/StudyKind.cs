namespace Retort.Studies.Fidelity;

/// <summary>The kind of a study.</summary>
public enum StudyKind
{
    /// <summary>Whether students predict what their teachers predict.</summary>
    Fidelity,
}
