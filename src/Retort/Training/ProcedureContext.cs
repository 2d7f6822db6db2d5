namespace Retort.Training;

/// <summary>
/// What a procedure works with: fresh networks of the recipe's student, the data, and a trainer that keeps each network in
/// a folder of its own, gone on with after a stop and not trained again once it is done.
/// </summary>
/// <param name="job">What the networks share: network, data, options, steps, the seed of the first, the student's folder.</param>
/// <param name="carry">Trains one of them to its end, or finds it trained, and opens it as a teacher.</param>
public sealed class ProcedureContext(TrainerConfig job, Func<TrainerConfig, Func<MethodContext, DistillationLoss>, ITeacher> carry) : IDisposable
{
    /// <summary>Between the seeds of two networks; the first has that of the pair.</summary>
    public const int SeedStep = 1_000_000;

    readonly List<ITeacher> _made = [];

    /// <summary>What is learned from.</summary>
    public IDataSplit Data => job.Data;

    /// <summary>
    /// Trains a network with weights, order and augmentation of its own, and hands it out frozen at the weights best on
    /// validation. It lives as long as the bench.
    /// </summary>
    /// <param name="part">Its name and its folder's: <c>generation-0</c>.</param>
    /// <param name="method">Makes its loss.</param>
    /// <param name="teacher">Who is asked; one of this bench's.</param>
    public ITeacher Train(string part, Func<MethodContext, DistillationLoss> method, ITeacher? teacher = null)
    {
        var made = carry(job with
        {
            Part = $"{job.Part}/{part}", Folder = Path.Combine(job.Folder, part), Seed = checked(job.Seed + SeedStep * _made.Count), Teacher = teacher,
        }, method);
        _made.Add(made);
        return made;
    }

    /// <summary>What one of its networks says of every training example, each as the file has it.</summary>
    public Predictions Ask(ITeacher teacher) => Evaluator.Predict(teacher, job.Data, job.Task.Output, job.Device);

    /// <inheritdoc/>
    public void Dispose() => _made.ForEach(teacher => teacher.Dispose());
}
