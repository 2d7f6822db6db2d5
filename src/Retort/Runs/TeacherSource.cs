using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Opens the teachers of a run, each once, from the folders of their jobs.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="task">The task, whose output the teachers must have.</param>
/// <param name="device">The device of teachers and students.</param>
sealed class TeacherSource(string run, LearningTask task, Device device) : IDisposable
{
    readonly Dictionary<string, ITeacher> _open = [];
    CachedTeacher? _cache;

    /// <summary>The device of teachers and students.</summary>
    public Device Device => device;

    /// <summary>The teacher that students learn from: the cache where the recipe has one.</summary>
    /// <param name="job">The job of the teacher.</param>
    /// <param name="recipe">The recipe that names the teacher.</param>
    /// <param name="data">The data.</param>
    /// <param name="token">Ends the wait for a service.</param>
    public ITeacher ForStudents(string job, Recipe recipe, Dataset data, CancellationToken token) =>
        recipe.Teacher is CachedTeacherOptions cached
            ? _cache ??= TeacherCache.Open(run, cached, device)
            : Open(job, recipe, data, token);

    /// <summary>The teacher itself, also where its outputs are cached.</summary>
    public ITeacher Open(string job, Recipe recipe, Dataset data, CancellationToken token)
    {
        if (_open.TryGetValue(job, out var open)) return open;

        return _open[job] = recipe.TeacherItself switch
        {
            PretrainedTeacherOptions pretrained => OpenPretrained(job, pretrained, data, token),
            TrainedTeacherOptions trained => LoadTrained(job, trained, data),
            _ => throw new InvalidOperationException("The recipe has no teacher."),
        };
    }

    /// <summary>A teacher's predictions on validation; null without a teacher, or before it has predicted.</summary>
    public Predictions? Validation(string? job) => job is null ? null : Stored(job, "validation");

    /// <summary>A teacher's stored predictions on <c>validation</c> or <c>test</c>; null where it has none.</summary>
    public Predictions? Stored(string job, string split) =>
        PredictionsFile.ReadIfStored(Path.Combine(FolderOf(job), PredictionsFile.Name), split);

    /// <summary>SHA-256 of the teacher's weights file; of a pretrained teacher its fingerprint.</summary>
    public string HashOf(string job) =>
        NetworkFiles.ReadConfig(FolderOf(job)).GivenHash ?? NetworkFiles.WeightsHash(FolderOf(job));

    /// <summary>Whether a teacher's training in a search diverged.</summary>
    public bool HasDiverged(string job) => NetworkFiles.ReadConfig(FolderOf(job)).Diverged is not null;

    public void Dispose()
    {
        _cache?.Dispose();
        foreach (var teacher in _open.Values) teacher.Dispose();
    }

    string FolderOf(string job) => Path.Combine(run, job == "teacher" ? "networks/teacher" : job);

    NetworkTeacher LoadTrained(string job, TrainedTeacherOptions options, Dataset data)
    {
        var network = NetworkFiles.Load(FolderOf(job), options.Network, data.Info.ForTeacher);
        network.to(device).ToMemoryFormat(network.PreferredFormat);
        return new(network, owns: true);
    }

    // it is checked on a few examples; where config.json exists, it must be the teacher that this file describes
    ITeacher OpenPretrained(string job, PretrainedTeacherOptions options, Dataset data, CancellationToken token)
    {
        var teacher = options.Open(data.Info, device, token);
        try
        {
            TeacherProbe.Check(teacher, task, data.Validation, device);
            if (SavedNetwork.IsIn(FolderOf(job)) && NetworkFiles.ReadConfig(FolderOf(job)).GivenHash is var expected
                && teacher.Fingerprint() is var found && found != expected) throw new InvalidOperationException(
                $"The teacher is not the one that this run began with: its hash was {expected} and is {found} now.");
            return teacher;
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }
}
