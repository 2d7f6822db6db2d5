namespace Retort.Contracts;

/// <summary>
/// A method that is an algorithm of its own: it trains networks one after another, alternates between several, makes a
/// data set, or learns in an environment.
/// </summary>
public abstract class Procedure
{
    /// <summary>The outputs of the recipe's teacher that it needs; nothing where it needs no teacher.</summary>
    public virtual OutputSet RequiredOfTeacher => OutputSet.None;

    /// <summary>The artifacts that it saves beside the student's network.</summary>
    public virtual IReadOnlyList<Artifact> Artifacts => [];

    /// <summary>
    /// What a person would do with the same budget and without the method: the control's method. Null: the task's
    /// supervised loss on the labelled examples.
    /// </summary>
    public virtual MethodOptions? Control => null;

    /// <summary>Runs it. Called again after a stop, it must ask for the same networks and loops in the same order.</summary>
    public abstract ProcedureResult Run(ProcedureContext context);
}

/// <summary>Options of a procedure.</summary>
public abstract record ProcedureOptions : MethodOptions
{
    /// <summary>The procedure.</summary>
    public abstract Procedure Build();
}

/// <summary>What a job or procedure leaves, by name.</summary>
/// <param name="Name">Its file or folder, relative to the job's folder.</param>
/// <param name="Kind">What it is.</param>
public sealed record Artifact(string Name, ArtifactKind Kind);

/// <summary>Kinds of artifacts.</summary>
public enum ArtifactKind
{
    /// <summary>A network: weights and <c>config.json</c>.</summary>
    Network,

    /// <summary>Predictions on validation and test.</summary>
    Predictions,

    /// <summary>A cache of a teacher's outputs.</summary>
    Cache,

    /// <summary>A knowledge base that a student retrieves from.</summary>
    KnowledgeBase,

    /// <summary>A data set.</summary>
    Dataset,

    /// <summary>A policy.</summary>
    Policy,

    /// <summary>A table of scores: what a search tried and chose, latencies, measurements.</summary>
    Table,
}

/// <summary>What a procedure returns.</summary>
/// <param name="Stages">Its networks in the order they were finished; the last is the student.</param>
public sealed record ProcedureResult(IReadOnlyList<Stage> Stages);

/// <summary>One network of a procedure.</summary>
/// <param name="Part">Its name: the name of its folder in the student's.</param>
/// <param name="Teacher">The stage that taught it; null where none did.</param>
/// <param name="Temperature">The temperature of its teacher's logits; null without one.</param>
public sealed record Stage(string Part, string? Teacher = null, double? Temperature = null);
