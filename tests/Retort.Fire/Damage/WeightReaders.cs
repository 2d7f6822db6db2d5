using Retort.Models;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tensors.Files.TorchScript;
using static TorchSharp.torch;

namespace Retort.Fire.Damage;

/// <summary>Readers of weights, and of TorchScript as far as we read it ourselves.</summary>
static class WeightReaders
{
    static readonly string[] Zipped =
    [
        "types.pth", "types-protocol4.pth", "checkpoint.pth", "views.pth", "extra.pth", "nested.pth", "parameters.pth",
        "compiled.pth",
    ];
    static readonly string[] Old =
    [
        "types-legacy.pth", "types-legacy-protocol4.pth", "checkpoint-legacy.pth", "views-legacy.pth",
    ];

    static readonly string[] Scripts = ["tiny-parts.pt", "tiny-training.pt", "odd-steep.pt"];

    public static Reader SafeTensors(string folder)
    {
        var path = Path.Combine(folder, "x.safetensors");
        using (var scope = NewDisposeScope())
            Tensors.Files.SafeTensors.Write(path, new Dictionary<string, Tensor>
            {
                ["a.weight"] = zeros(3, 4),
                ["a.bias"] = ones(3),
                ["steps"] = zeros(1, dtype: ScalarType.Int64),
                ["mask"] = zeros(2, 2, dtype: ScalarType.Bool),
                ["half"] = zeros(5, dtype: ScalarType.Float16),
            }, new Dictionary<string, string> { ["format"] = "pt" });
        return Of("safetensors", folder, new(path, PlainDamage.SafeTensors, File.ReadAllBytes(path)));
    }

    public static Reader Pth(string folder) => Of("pth", folder, new(
        Path.Combine(folder, "x.pth"),
        (whole, random) => ZipDamage.Change(whole, random, Part),
        [.. Zipped.Select(name => Samples.Golden("Pth/" + name))]));

    public static Reader Legacy(string folder) => Of("pth-legacy", folder, new(
        Path.Combine(folder, "x.pth"),
        (whole, random) => PickleDamage.Change(whole, random, count: 5),
        [.. Old.Select(name => Samples.Golden("Pth/" + name))]));

    /// <summary>Pickles that no PyTorch wrote, round one storage.</summary>
    public static Reader Pickles(string folder) => Of("pickle", folder, new(
        Path.Combine(folder, "x.pth"),
        (_, random) => ZipDamage.Written([("x/data.pkl", PickleDamage.Made(random)), ("x/data/0", new byte[16])]),
        Samples.Golden("Pth/types.pth")));

    static byte[] Part(string name, byte[] content, Random random) => name.EndsWith(".pkl", StringComparison.Ordinal)
        ? PickleDamage.Change(content, random) : ByteDamage.Change([.. content, 0], random);

    static Reader Of(string name, string folder, Target target) => new()
    {
        Name = name, Folder = folder, Targets = [target], Weight = 5, Budget = 1_000_000 + PthFile.OverheadBytes,
        Read = () =>
        {
            using var scope = NewDisposeScope();
            // every number is there
            foreach (var tensor in WeightsFile.Read(target.Path, 1 << 20).Values) tensor.isnan().any().ToBoolean();
        },
    };

    /// <summary>The way from a file into a teacher: names and shapes against a network's.</summary>
    public static Reader Teacher(string folder)
    {
        var path = Path.Combine(folder, "teacher.safetensors");
        var info = new DatasetInfo { Classes = ["a", "b"], Inputs = [TensorSpec.Float32("features", 3)] };
        using (var scope = NewDisposeScope())
        {
            using var network = ModuleFactory.Create(() => new MlpOptions { Hidden = [4] }.Build(info));
            Tensors.Files.SafeTensors.Write(path, network.state_dict());
        }
        return new()
        {
            Name = "weights-teacher",
            Folder = folder,
            Targets = [new(path, PlainDamage.SafeTensors, File.ReadAllBytes(path))],
            Budget = 20_000_000,
            Read = () =>
            {
                var options = new CheckpointTeacherOptions { Path = path, Network = new MlpOptions { Hidden = [4] } };
                using var teacher = options.Open(info, CPU);
                teacher.Fingerprint();
            },
        };
    }

    /// <summary>Only what is looked at before libtorch: it ends the process over some damaged programs.</summary>
    public static Reader Script(string folder)
    {
        var path = Path.Combine(folder, "x.pt");
        return new()
        {
            Name = "torchscript",
            Folder = folder,
            Budget = 20_000_000,
            Read = () => TorchScriptFile.WriteChecked(path, new MemoryStream()),
            Targets =
            [
                new(
                    path,
                    (whole, random) => ZipDamage.Change(whole, random, Part),
                    [.. Scripts.Select(name => Samples.Golden("Teachers/" + name))]),
            ],
        };
    }
}
