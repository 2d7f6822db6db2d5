using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Computes the loss terms of a student's method on validation, for the student and for the control of its seed. No
/// random number of a training depends on it.
/// </summary>
sealed class StudentTerms
{
    readonly NetworkJob _job;
    readonly JobContext _context;

    StudentTerms(NetworkJob job, JobContext context) => (_job, _context) = (job, context);

    /// <summary>For a job's networks; null where a job is none of a reported student.</summary>
    public static StudentTerms? For(NetworkJob job, JobContext context) =>
        job is { Role: Role.Student, IsTrial: false } ? new(job, context) : null;

    /// <summary>The terms.</summary>
    /// <param name="method">The loss, with the state that its training left.</param>
    /// <param name="student">The trained network with the selected weights.</param>
    /// <param name="options">The network's options; a control of another architecture is not compared.</param>
    /// <param name="teacher">The teacher of the loss; null where it needs none.</param>
    public ValidationTerms Of(DistillationLoss method, Network student, JsonNode options, ITeacher? teacher) =>
        OutputsOf(teacher, method.Requires.Teacher) is { } outputs ? Of(method, student, options, outputs)
        : LeftOut("The teacher is cached, and the cache has no outputs on validation.");

    /// <summary>The terms with a teacher's outputs for a batch of some positions of the split.</summary>
    public ValidationTerms Of(
        DistillationLoss method, Network student, JsonNode options, Func<Batch, int[], Outputs> outputs)
    {
        if (method.TrainingOnly is { } reason) return LeftOut(reason);
        if (!method.Requires.Ema.IsEmpty) return LeftOut(
            "The method needs the outputs of a moving average of the student, which exists in training alone.");

        var terms = TermsOf(student);
        if (terms.FirstOrDefault(term => !double.IsFinite(term.Value)).Key is { } name)
            return LeftOut($"The term \"{name}\" is not a finite number on validation.");

        var control = ControlTerms();
        return new() { Student = terms, Control = control?.Values.All(double.IsFinite) == true ? control : null };

        Dictionary<string, double> TermsOf(Network network) => HeldOutLoss.Terms(method, network, outputs,
            new(_context.Data.Validation, _context.Recipe.Training.BatchSize, _job.Seed, _context.Device),
            _context.Token);

        Dictionary<string, double>? ControlTerms()
        {
            using var generator = torch.random.get_rng_state();             // building a network draws its weights
            using var control = Control(options);
            torch.random.set_rng_state(generator);
            return control is null ? null : TermsOf(control);
        }
    }

    static ValidationTerms LeftOut(string reason) => new() { LeftOut = reason };

    Network? Control(JsonNode options)
    {
        if (_job.Control is null) return null;

        var folder = _context.Run.PathOf($"networks/{_job.Control}");
        var config = NetworkFiles.ReadConfig(folder);
        if (!JsonNode.DeepEquals(config.Network, options)) return null;

        var model = Recipe.Read<ModelOptions>(config.Network, Path.Combine(folder, NetworkFiles.Config));
        var network = NetworkFiles.Load(folder, model, _context.Data.Info);
        network.to(_context.Device).ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    // of the recipe's teacher the stored predictions where they are enough; null where a cache has too little
    Func<Batch, int[], Outputs>? OutputsOf(ITeacher? teacher, OutputSet required)
    {
        if (required.IsEmpty || teacher is null) return (_, _) => new();

        var scored = _context.Task.Output;
        var isRecipes = _job.Teacher is { } name && ReferenceEquals(
            teacher, _context.Teachers.ForStudents(name, _context.Recipe, _context.Data, _context.Token));
        if (isRecipes && required.Except(scored).IsEmpty && _context.Teachers.Validation(_job.Teacher) is { } stored)
            return (_, positions) => Outputs.From(
                [(scored, [stored.RowsOf(positions).to(_context.Device)])]);
        if (teacher is not CachedTeacher) return (batch, _) => teacher.Forward(batch, required);
        if (_context.Recipe.TeacherItself is not TrainedTeacherOptions) return null;

        var itself = _context.Teachers.Open(_job.Teacher!, _context.Recipe, _context.Data, _context.Token);
        return (batch, _) => itself.Forward(batch, required);
    }
}
