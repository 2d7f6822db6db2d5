using System.Security.Cryptography;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Opens the teachers of a run, each once, from the folders of the jobs that trained or asked them.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="task">Whose output they must have.</param>
/// <param name="device">Where they answer.</param>
sealed class TeacherSource(string run, LearningTask task, Device device) : IDisposable
{
    readonly Dictionary<string, ITeacher> _open = [];
    CachedTeacher? _cache;

    /// <summary>The device of teachers and students.</summary>
    public Device Device => device;

    /// <summary>The teacher that students learn from: the cache where the recipe has one.</summary>
    /// <param name="job">The job of the teacher.</param>
    /// <param name="recipe">The recipe that names it.</param>
    /// <param name="data">The data.</param>
    /// <param name="token">Ends the wait for a service.</param>
    public ITeacher ForStudents(string job, Recipe recipe, Dataset data, CancellationToken token) =>
        recipe.Teacher is CachedTeacherOptions cached ? _cache ??= TeacherCache.Open(run, cached, device)
            : Open(job, recipe, data, token);

    /// <summary>The teacher itself.</summary>
    public ITeacher Open(string job, Recipe recipe, Dataset data, CancellationToken token)
    {
        if (_open.TryGetValue(job, out var open)) return open;

        return _open[job] = recipe.TeacherItself switch
        {
            PretrainedTeacherOptions pretrained => Pretrained(job, pretrained, data, token),
            TrainedTeacherOptions trained => Trained(job, trained, data),
            _ => throw new InvalidOperationException("The recipe has no teacher."),
        };
    }

    /// <summary>A teacher's predictions on validation; null where it has none yet.</summary>
    public Predictions? Validation(string? job)
    {
        if (job is null) return null;

        var path = Path.Combine(FolderOf(job), PredictionsFile.Name);
        return File.Exists(path) ? PredictionsFile.Read(path, "validation") : null;
    }

    /// <summary>SHA-256 of the teacher's weights file; of a pretrained one its fingerprint.</summary>
    public string HashOf(string job)
    {
        var config = SavedNetwork.Read(Path.Combine(FolderOf(job), "config.json"));
        return config.GivenHash ?? HashOfWeights(FolderOf(job));
    }

    /// <summary>SHA-256 of <c>model.safetensors</c> in a folder.</summary>
    public static string HashOfWeights(string folder)
    {
        using var file = File.OpenRead(Path.Combine(folder, "model.safetensors"));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Whether a teacher's training in a search diverged.</summary>
    public bool HasDiverged(string job) =>
        SavedNetwork.Read(Path.Combine(FolderOf(job), "config.json")).Diverged is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache?.Dispose();
        foreach (var teacher in _open.Values) teacher.Dispose();
    }

    string FolderOf(string job) => Path.Combine(run, job == "teacher" ? "networks/teacher" : job);

    NetworkTeacher Trained(string job, TrainedTeacherOptions options, Dataset data)
    {
        var network = NetworkJobs.Load(FolderOf(job), options.Network, data.Info.ForTeacher);
        network.to(device).ToMemoryFormat(network.PreferredFormat);
        return new(network, owns: true);
    }

    // checked on a few examples; once it has its config.json it must be the teacher of that
    ITeacher Pretrained(string job, PretrainedTeacherOptions options, Dataset data, CancellationToken token)
    {
        var teacher = options.Open(data.Info, device, token);
        try
        {
            NetworkProbe.Check(teacher, task, data.Validation, device);
            var config = Path.Combine(FolderOf(job), "config.json");
            if (File.Exists(config) && SavedNetwork.Read(config).GivenHash is var noted
                && teacher.Fingerprint() is var found && found != noted) throw new InvalidOperationException(
                $"The teacher is not the one that this run began with: its hash was {noted} and is {found} now.");
            return teacher;
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }
}
