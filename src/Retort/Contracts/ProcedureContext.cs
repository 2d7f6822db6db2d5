using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>
/// What a procedure works with. Everything that it trains or saves here is stored, and is not done again when a stopped
/// run continues.
/// </summary>
public abstract class ProcedureContext
{
    /// <summary>The task.</summary>
    public abstract LearningTask Task { get; }

    /// <summary>The recipe's data.</summary>
    public abstract Dataset Data { get; }

    /// <summary>The split that a student of this method is trained on.</summary>
    public abstract IDataSplit Training { get; }

    /// <summary>The recipe's environment; null of a recipe with data.</summary>
    public virtual EnvironmentOptions? Environment => null;

    /// <summary>The recipe's student.</summary>
    public abstract ModelOptions Student { get; }

    /// <summary>
    /// The recipe's teacher, cached or not; null where the recipe has none. A cached one has the outputs for the
    /// training examples alone: <see cref="Predict(ITeacher, IDataSplit)"/> gives its outputs on any split.
    /// </summary>
    public abstract ITeacher? Teacher { get; }

    /// <summary>
    /// The network of the recipe's teacher; null where there is no teacher, or it is no network of Retort's.
    /// </summary>
    public abstract ModelOptions? TeacherModel { get; }

    /// <summary>The device of networks and batches.</summary>
    public abstract torch.Device Device { get; }

    /// <summary>The seed of the pair.</summary>
    public abstract int Seed { get; }

    /// <summary>Steps of one training by the recipe: the control's budget.</summary>
    public abstract long Steps { get; }

    /// <summary>Steps that use each training example once, rounded down, at least 1.</summary>
    public abstract long StepsPerEpoch { get; }

    /// <summary>B.</summary>
    public abstract int BatchSize { get; }

    /// <summary>The recipe's largest norm of the gradient of all parameters together; 0: no limit.</summary>
    public abstract double MaxGradientNorm { get; }

    /// <summary>Whether this is a trial of a search, which must not use the test split.</summary>
    public abstract bool IsTrial { get; }

    /// <summary>
    /// A copy of the teacher's network with its weights, of the options <see cref="TeacherModel"/>, which can be
    /// trained. The caller owns it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The recipe's teacher is no network of Retort's.</exception>
    public abstract Network CopyTeacher();

    /// <summary>The recipe's student with the initial weights of the control. The caller owns it.</summary>
    public abstract Network NewStudent();

    /// <summary>A network with new weights, drawn from a seed of its own. The caller owns it.</summary>
    /// <param name="name">Distinguishes networks: equal names give equal weights.</param>
    /// <param name="model">The recipe's student unless given.</param>
    public abstract Network NewNetwork(string name, ModelOptions? model = null);

    /// <summary>The recipe's optimizer over these parameters.</summary>
    public abstract Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters);

    /// <summary>The learning rate of the recipe's scheduler at a step, out of this many steps.</summary>
    public abstract double LearningRate(long step, long steps);

    /// <summary>
    /// Trains a network to the end with the recipe's training options and returns it frozen, with the selected weights.
    /// It lives as long as the context. Each training has a name of its own.
    /// </summary>
    public abstract ITeacher Train(TrainRequest request);

    /// <summary>
    /// The scored output of a network or teacher on every example of a split, without augmentation. For the recipe's
    /// teacher and the data's validation or test split these are the predictions that the run stored; where a cache
    /// does not have what is needed, the teacher itself is run.
    /// </summary>
    public abstract Predictions Predict(ITeacher teacher, IDataSplit split);

    /// <summary>
    /// Several outputs of a network or teacher on every example of a split, without augmentation, by key. Each has one
    /// row for an example.
    /// </summary>
    public abstract IReadOnlyDictionary<OutputKey, Predictions> Predict(
        ITeacher teacher, IDataSplit split, OutputSet outputs);

    /// <summary>The scored output of a network on every example of a split, without augmentation.</summary>
    public abstract Predictions Predict(Network network, IDataSplit split);

    /// <summary>A network's options as a recipe has them, with every default filled in.</summary>
    public abstract JsonNode Describe(ModelOptions model);

    /// <summary>
    /// The SHA-256 by which files name a network: of its weights file, for the recipe's teacher and for what
    /// <see cref="Train"/> returned; for any other teacher its fingerprint.
    /// </summary>
    public abstract string HashOf(ITeacher teacher);

    /// <summary>
    /// Runs steps from 0 to <see cref="LoopRequest.Steps"/> - 1. The loop's state is saved from time to time; after a
    /// stop it is restored, and the loop continues with the next step, to the same bits. A loop that is done does
    /// nothing, but must be requested again all the same: its steps count in the report.
    /// </summary>
    public abstract void Loop(LoopRequest request);

    /// <summary>The batches of a split in the order of the pair's seed, as the trainer draws them.</summary>
    /// <param name="split">The data.</param>
    /// <param name="step">The step's index, from 0.</param>
    public abstract Batch BatchAt(IDataSplit split, long step);

    /// <summary>
    /// Saves a network with its predictions as a stage; given predictions replace the network's own. The stage's steps
    /// are those of the loops since a network was saved before.
    /// </summary>
    public abstract void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null);

    /// <summary>
    /// Computes a loss on validation for the student that loops trained, and for the control; the report has its terms.
    /// Of a student from <see cref="Train"/> it has those without a call.
    /// </summary>
    /// <param name="loss">The student's loss.</param>
    /// <param name="student">The student with its last weights, of the recipe's options.</param>
    /// <param name="teacher">The teacher's outputs for a batch.</param>
    public abstract void MeasureTerms(DistillationLoss loss, Network student, Func<Batch, Outputs> teacher);

    /// <summary>
    /// Saves tensors as a named artifact: a data set, a knowledge base, a policy. The procedure's
    /// <see cref="Procedure.Artifacts"/> must list it.
    /// </summary>
    public abstract void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors);

    /// <summary>
    /// The path of an artifact that a procedure writes in a format of its own, such as a knowledge base. The
    /// procedure's <see cref="Procedure.Artifacts"/> must list it.
    /// </summary>
    public abstract string PathOf(Artifact artifact);

    /// <summary>Reads saved tensors; null where they were not saved yet. The dispose scope owns the tensors.</summary>
    public abstract IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact);
}
