using Retort.Report;
using Retort.Data;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;

namespace Retort.Fire.Damage;

/// <summary>
/// Sound files: those kept beside the tests, and a small run with its cache and its exported student, made once.
/// </summary>
static class Samples
{
    static readonly Lazy<string> s_root = new(() => Made ?? Make(Path.Combine(Shared(), "samples")));

    /// <summary>Where another process has made the run already.</summary>
    public static string? Made { get; set; }

    /// <summary>The folder of the run, the cache and the student.</summary>
    public static string Root => s_root.Value;

    public static string Run => Path.Combine(Root, "run");

    public static string Student => Path.Combine(Root, "student");

    public static Recipe Recipe { get; } = new()
    {
        Name = "small",
        Data = new ToyOptions { Examples = 32, Classes = 3 },
        Student = new MlpOptions { Hidden = [3] },
        Method = new SoftTargetsOptions(),
        Seeds = 1,
        Teacher = new CachedTeacherOptions
        {
            Teacher = new TrainedTeacherOptions
            {
                Network = new MlpOptions { Hidden = [4] },
                Training = new() { Epochs = 1, BatchSize = 16 },
            },
        },
        Training = new() { Epochs = 2, BatchSize = 16 }, Tuning = new() { LearningRates = [0.05, 0.1], Seeds = 1 },
    };

    /// <summary>A file kept beside the tests.</summary>
    public static byte[] Golden(string name) => File.ReadAllBytes(At("tests/Golden/" + name));

    /// <summary>A file of the repository.</summary>
    public static string At(string path) => Path.Combine(Above(AppContext.BaseDirectory), path);

    /// <summary>A new folder, in memory where the system has a place for that.</summary>
    public static string Shared()
    {
        const string Memory = "/dev/shm";
        if (!Directory.Exists(Memory)) return Directory.CreateTempSubdirectory("retort-fire-").FullName;
        return Directory.CreateDirectory(
            Path.Combine(Memory, $"retort-fire-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
    }

    public static void Copy(string from, string into)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(into, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path, overwrite: true);
        }
    }

    // by a clock that only counts, so that on one machine the files are the same each time
    static string Make(string root)
    {
        AppDomain.CurrentDomain.ProcessExit +=
            (_, _) => Directory.Delete(Path.GetDirectoryName(root)!, recursive: true);
        var clock = new Ticks();
        Experiment.Run(Recipe, new() { Folder = Path.Combine(root, "run"), Jobs = 1, Clock = clock });
        StudentFolder.Write(Path.Combine(root, "run"), new() { Folder = Path.Combine(root, "student"), Clock = clock });
        return root;
    }

    /// <summary>A tenth of a millisecond later at each look.</summary>
    sealed class Ticks : TimeProvider
    {
        long _looks;

        public override long TimestampFrequency => 10_000;
        public override long GetTimestamp() => Interlocked.Increment(ref _looks);
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }

    static string Above(string folder) => File.Exists(Path.Combine(folder, "Retort.slnx")) ? folder
        : Path.GetDirectoryName(folder) is { } above ? Above(above)
        : throw new InvalidOperationException("The trials stand in no folder that holds Retort.slnx.");
}
