using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;

namespace Retort.Fire;

/// <summary>
/// The small recipes that are disturbed, and each undisturbed outcome, made when it is first asked for.
/// </summary>
sealed class UndisturbedRuns(string folder)
{
    readonly Dictionary<string, string> _whole = [];
    readonly Dictionary<string, IReadOnlyList<string>> _written = [];      // by the undisturbed, in order

    public string Folder => folder;

    /// <summary>A run that saves after every step; <paramref name="late"/>, after each network alone.</summary>
    public RunWorkload Training(bool late = false)
    {
        var recipe = File(Plain with
        {
            Name = late ? "late" : "training",
            Teacher = new TrainedTeacherOptions
            {
                Network = new LeNetOptions(),
                Training = new()
                {
                    Epochs = late ? 60 : 4,
                    BatchSize = 16,
                    LearningRate = 0.01,
                    CheckpointSeconds = late ? 3600 : 0,
                },
            },
            Training = Plain.Training with { Epochs = late ? 1 : 6 },
            Tuning = late ? null : new() { LearningRates = [0.005, 0.02] },
        });
        var whole = Run(recipe);
        return new(folder, recipe, whole) { WrittenDrafts = _written[whole] };
    }

    /// <summary>A procedure: three networks one after another in a student's folder.</summary>
    public RunWorkload Generations()
    {
        var recipe = File(
            Plain with { Name = "generations", Method = new SelfDistillationOptions { Generations = 3 } });
        return new(folder, recipe, Run(recipe));
    }

    /// <summary>Two pairs, two networks at a time, each in a child process.</summary>
    public RunWorkload Children()
    {
        var recipe = File(Plain with
        {
            Name = "children",
            Teacher = Teacher(),
            Seeds = 2,
            Training = Plain.Training with { Epochs = 25 },
        });
        return new(folder, recipe, Run(recipe), jobs: 2);
    }

    /// <summary>
    /// Twelve shards, written slowly enough to be met at it; <paramref name="isAlone"/>, with no run that uses them.
    /// </summary>
    public CacheWorkload Cache(bool isAlone = false)
    {
        var recipe = File(Plain with
        {
            Name = "cache",
            Data = new ToyOptions { Examples = 6000 },
            Teacher = new CachedTeacherOptions { Teacher = Teacher(), Codec = new Float32Options() },
            Student = new MlpOptions { Hidden = [4] }, Training = new() { Epochs = 1, BatchSize = 500 },
        });
        return new(
            folder, recipe, isAlone ? Whole("cache", run => CacheWorkload.Words(recipe, run)) : Run(recipe), isAlone);
    }

    public ExportWorkload Export()
    {
        var run = Trained();
        return new(folder, run, Whole("export", target => ExportWorkload.Words(run, target)));
    }

    static Recipe Plain { get; } = new()
    {
        Name = "plain",
        Data = new ToyOptions { Examples = 64 },
        Student = new LeNetOptions(),
        Method = new SoftTargetsOptions(),
        Training = new() { Epochs = 6, BatchSize = 16, LearningRate = 0.01, CheckpointSeconds = 0, EmaDecay = 0.9 },
        Threads = 1,
    };

    /// <summary>One that is given: the weights of the undisturbed run.</summary>
    CheckpointTeacherOptions Teacher() => new()
    {
        Path = Path.Combine(Trained(), "networks", "teacher", "model.safetensors"),
        Network = new ConvNetOptions { Widths = [16, 32] },
    };

    string Trained() => Run(File(Plain with
    {
        Name = "given",
        Teacher = new TrainedTeacherOptions
        {
            Network = new ConvNetOptions { Widths = [16, 32] },
            Training = new() { Epochs = 2, BatchSize = 16, LearningRate = 0.01 },
        },
    }));

    string Run(string recipe) =>
        Whole(Path.GetFileNameWithoutExtension(recipe), run => RunWorkload.Words(recipe, run, jobs: 1));

    string Whole(string name, Func<string, string[]> words)
    {
        if (_whole.TryGetValue(name, out var found)) return found;
        var target = Path.Combine(folder, "whole", name, name == "export" ? "student" : "run");
        using var drafts = Drafts.In(Directory.CreateDirectory(Path.GetDirectoryName(target)!).FullName);
        var written = new List<string>();
        drafts.Created += (_, draft) => { lock (written) written.Add(Drafts.TargetOf(draft.Name!)); };
        drafts.EnableRaisingEvents = true;
        using var undisturbed = Victim.Start(words(target));
        if (undisturbed.Ended() is { Length: > 0 } said) throw new InvalidOperationException(
            $"Undisturbed, `retort {string.Join(' ', words(target))}` failed: {said}");
        drafts.EnableRaisingEvents = false;
        lock (written) _written[target] = [.. written];
        return _whole[name] = target;
    }

    string File(Recipe recipe)
    {
        var path = Path.Combine(folder, recipe.Name + ".json");
        System.IO.File.WriteAllText(path, recipe.ToJson());
        return path;
    }
}
