namespace Retort.Contracts;

/// <summary>
/// A method with an algorithm of its own: it trains networks one after another, alternates between several, makes a
/// data set, or learns in an environment.
/// </summary>
public abstract class Procedure
{
    /// <summary>The outputs of the recipe's teacher that it needs; none where it needs no teacher.</summary>
    public virtual OutputSet RequiredOfTeacher => OutputSet.None;

    /// <summary>The artifacts that it saves besides the student's network: all of these, and no others.</summary>
    public virtual IReadOnlyList<Artifact> Artifacts => [];

    /// <summary>
    /// The control's method: what a person would do with the same budget and without this method. Null: the task's
    /// supervised loss on the labelled examples.
    /// </summary>
    public virtual MethodOptions? Control => null;

    /// <summary>
    /// Whether it trains the student in loops of its own. They compute in float32 and keep no moving average of the
    /// weights, so that a recipe with another <c>training.precision</c> or with <c>training.emaDecay</c> is refused.
    /// </summary>
    public virtual bool TrainsInLoops => false;

    /// <summary>Refuses a task that it is not made for, before anything is trained.</summary>
    /// <exception cref="InvalidOperationException">The task does not fit.</exception>
    public virtual void Check(LearningTask task) { }

    /// <summary>Refuses networks and data that it is not made for, before anything is trained.</summary>
    /// <param name="task">The task.</param>
    /// <param name="data">Classes and inputs.</param>
    /// <param name="student">The recipe's student.</param>
    /// <param name="teacher">
    /// The network of the recipe's teacher; null where there is no teacher, or it is no network of Retort's.
    /// </param>
    /// <exception cref="InvalidOperationException">They do not fit.</exception>
    public virtual void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher) { }

    /// <summary>
    /// Refuses widths of outputs, numbers of examples and batch sizes that it is not made for, before anything is
    /// trained.
    /// </summary>
    /// <param name="context">The shapes of the outputs of teacher and student, examples and batch size.</param>
    /// <exception cref="InvalidOperationException">They do not fit.</exception>
    public virtual void CheckShapes(MethodContext context) { }

    /// <summary>
    /// Runs the algorithm. When it is called again after a stop, it must request the same networks and loops in the
    /// same order.
    /// </summary>
    public abstract ProcedureResult Run(ProcedureContext context);
}
