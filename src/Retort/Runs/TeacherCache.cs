using Retort.Data;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>The cache of a run's teacher: its folder, its identity, and how it is filled.</summary>
sealed class TeacherCache(RunContext run)
{
    const string ProgressName = "cache";
    const string ManifestName = "cache.json";

    /// <summary>Refuses, before anything is trained, data whose views never come again.</summary>
    public static void Check(Recipe recipe, Dataset data)
    {
        if (recipe.Teacher is not CachedTeacherOptions || data.Training.Views is not null) return;

        var mixes = recipe.Data is NumericDataOptions files
            && files.Augmentation.Any(augmentation => augmentation.MixesExamples);
        throw new InvalidOperationException(mixes
            ? "A cached teacher cannot be used with the augmentation \"mixup\": every batch mixes other examples, so "
                + "no output can be used twice. Leave mixup out, or the cache."
            : "A cached teacher needs views that come again, and every pass draws new ones: give data.views (4 is a "
                + "good beginning), or leave the augmentation or the cache out.");
    }

    /// <summary>Opens the job of the cache again where shards of a cache that was complete are missing.</summary>
    public static void Reopen(string run, CachedTeacherOptions cached)
    {
        var path = Path.Combine(run, ManifestName);
        if (!File.Exists(path)) return;

        var identity = CacheManifest.Read(path).Identity;
        if (!CachedTeacher.IsComplete(FolderOf(run, cached, identity), identity, cached.Codec)) File.Delete(path);
    }

    /// <summary>Opens the filled cache of a run.</summary>
    public static CachedTeacher Open(string run, CachedTeacherOptions cached, Device device)
    {
        var identity = CacheManifest.Read(Path.Combine(run, ManifestName)).Identity;
        return CachedTeacher.Open(FolderOf(run, cached, identity), identity, cached.Codec, device);
    }

    /// <summary>
    /// Writes what is missing of a writer's share. When no output is missing, it compares some of them with the
    /// teacher's, and writes the cache's manifest into the run.
    /// </summary>
    public FilledCache Fill(ITeacher teacher, OutputSet wanted, (int, int) share, CancellationToken token)
    {
        var cached = (CachedTeacherOptions)run.Recipe.Teacher!;
        if (wanted.IsEmpty) throw new InvalidOperationException(
            "The method needs no output of a teacher, so there is nothing to cache: leave teacher out.");

        var spec = SpecOf(cached, teacher, wanted, share);
        var writer = new CacheWriter(teacher, spec);
        var forecast = writer.Forecast();
        TeacherCheck.Probe(teacher, spec);
        var wasWhole = IsWhole(spec);
        TeacherCheck.Records(teacher, spec, cached.Check, run.Clock.GetTimestamp());   // existing ones
        if (forecast is not null) Report($"{spec.Folder}: {forecast}.", 0, forecast.AnswersToWrite);

        writer.Fill(token);
        CheckUnchanged(teacher, spec);
        var manifest = CacheManifest.Of(spec);
        manifest.WriteBesideShards(Path.Combine(spec.Folder, "card.json"));
        manifest = manifest with { Forecast = forecast };
        if (share != (1, 1) && !IsWhole(spec)) return new(spec.Folder, manifest, IsWhole: false);

        if (!wasWhole)                                      // also those of other writers
            TeacherCheck.Records(teacher, spec, cached.Check, run.Clock.GetTimestamp());
        manifest = WriteIntoRun(manifest);
        var size = NumberFormat.ShortBytes(manifest.Bytes);
        var check = Invariant($"{cached.Check} records agree with the teacher");
        Report($"{spec.Folder}: {size}, {ErrorText(manifest)}; {check}.", 1, 1);
        return new(spec.Folder, manifest, IsWhole: true);
    }

    /// <summary>The codec and its errors, as text.</summary>
    public static string ErrorText(CacheManifest manifest) =>
        Invariant($"{manifest.Identity.Codec}") + string.Concat(manifest.Errors.Select(ErrorText));

    static string ErrorText(CodecError error) => error.Output == Output.Logits.Name
        ? Invariant($", logits off by {error.Mean:g2} on average and {error.Largest:g2} at most, KL {error.Kl:g2} nats")
        : Invariant($", {error.Output} off by {error.Largest:g2} at most");

    static bool IsWhole(CacheSpec spec) => CachedTeacher.IsComplete(spec.Folder, spec.Identity, spec.Codec);

    // the recipe's folder, or one beside the run, named after the cache's identity: runs with equal caches share it
    static string FolderOf(string run, CachedTeacherOptions cached, CacheIdentity identity)
    {
        if (cached.Path is { } path) return path;

        var runs = Path.GetDirectoryName(Path.GetFullPath(run))!;
        return Path.Combine(runs, "teacher-cache", identity.Fingerprint()[..16]);
    }

    CacheSpec SpecOf(CachedTeacherOptions cached, ITeacher teacher, OutputSet wanted, (int, int) share)
    {
        var identity = IdentityOf(cached, teacher, wanted);
        return new()
        {
            Folder = FolderOf(run.Folder, cached, identity),
            Identity = identity,
            Codec = cached.Codec,
            Data = run.Data.Training,
            Device = Device,
            Batch = run.Recipe.Training.BatchSize,
            Share = share,
            Passes = Passes(),
            Clock = run.Clock,
            Progress = run.Progress is null ? null : new CacheProgressReport(run.Progress),
        };
    }

    CacheIdentity IdentityOf(CachedTeacherOptions cached, ITeacher teacher, OutputSet wanted)
    {
        var data = run.Data;
        using var scope = NewDisposeScope();
        var examples = new HostBatch();
        data.Training.Load(data.Training.Count > 1 ? [0, 1] : [0], new View(0, 0), examples);
        var batch = examples.ToBatch(Device);
        var outputs = teacher.Forward(batch, wanted);
        var teachers = (cached.Teacher as PretrainedTeacherOptions)?.Normalization;
        return new()
        {
            Teacher = $"{TeacherDescription.Of(cached.Teacher)} {teacher.Fingerprint()}",
            Inputs = CacheIdentity.InputsOf(data.Info),
            Normalization = TeacherDescription.Of(data.Info.ForTeacher.Normalization)
                + (teachers is null ? "" : $", then the teacher's {TeacherDescription.Of(teachers)}"),
            Augmentation = Recipe.Write(run.Recipe.Source)["augmentation"]?.ToJsonString(Json.Line) ?? "its own",
            Views = data.Training.Views!.Value,
            ViewSeed = data.Training.ViewSeed,
            Data = data.Hash,
            Examples = data.Training.Count,
            Codec = cached.Codec.Describe(),
            Outputs = RecordLayout.OutputsOf(outputs, wanted, data.Info.ForTeacher.Inputs, batch),
        };
    }

    Device Device => new(run.Info.Device);

    // passes over the data of all trainings that use the cache
    int Passes()
    {
        var recipe = run.Recipe;
        var trainings = (long)recipe.Seeds;
        if (recipe.Tuning is { } tuning) trainings += tuning.LearningRates.Count * tuning.Seeds;
        var searched = recipe.Search is null ? 0 : new SearchPlan(recipe).Passes;
        return checked((int)(recipe.Training.Epochs * trainings + searched));
    }

    static void CheckUnchanged(ITeacher teacher, CacheSpec spec)
    {
        if (teacher.Fingerprint() is var after && !spec.Identity.Teacher.EndsWith(after, StringComparison.Ordinal))
            throw new InvalidOperationException("The teacher changed while it was used: "
                + $"it was {spec.Identity.Teacher}, and its hash is {after} now. "
                + $"Remove the shards in {spec.Folder} that were written meanwhile.");
    }

    // where a run is in the folder; keeps the forecast of the time before the cache was filled
    CacheManifest WriteIntoRun(CacheManifest manifest)
    {
        if (RunFolder.InfoIn(run.Folder) is null) return manifest;

        var path = run.PathOf(ManifestName);
        if (manifest.Forecast is null && File.Exists(path))
            manifest = manifest with { Forecast = CacheManifest.Read(path).Forecast };
        manifest.Write(path);
        return manifest;
    }

    void Report(string note, long done, long all) =>
        run.Progress?.Report(new(ProgressName, done, all, 0, 0, double.NaN, null) { Note = note });

    /// <summary>Reports the progress of a cache as progress of the run.</summary>
    sealed class CacheProgressReport(IProgress<TrainingProgress> progress) : IProgress<CacheProgress>
    {
        public void Report(CacheProgress value) =>
            progress.Report(new(ProgressName, value.Done, value.All, 0, 0, double.NaN, null));
    }
}
