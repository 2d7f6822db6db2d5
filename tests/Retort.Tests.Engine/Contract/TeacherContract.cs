using System.IO.Compression;
using System.Text;
using Retort.Models;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Teachers;
using static TorchSharp.torch;

namespace Retort.Tests.Contract;

/// <summary>No teacher of any kind changes the batch, which the student gets after it.</summary>
public sealed class TeacherContract
{
    static readonly Normalization s_data = new(255, [0.5], [0.25]);
    static readonly Normalization s_own = new(255, [0], [1]);

    public static TheoryData<string, bool> Teachers
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var kind in (string[])[
                "network", "checkpoint", "torchscript", "torchscript-flat", "torchscript-nhwc", "onnx", "onnx-nhwc",
                "remote", "ensemble"])
            {
                all.Add(kind, false);
                all.Add(kind, true);
            }
            return all;
        }
    }

    [Theory, MemberData(nameof(Teachers))]
    public void A_batch_is_the_same_afterwards(string kind, bool normalizes)
    {
        using var scope = NewDisposeScope();
        using var server = new TeacherServer();
        var info = Tiny.Of([1, 6, 5], normalization: s_data);
        using var teacher = Open(kind, info, normalizes ? s_own : null, server.Url);
        var batch = Tiny.Batch();
        var before = batch.Inputs.PixelValues.clone();
        var first = teacher.Forward(batch, Output.Logits).Logits.ToFloatArray();
        var second = teacher.Forward(batch, Output.Logits).Logits;
        Assert.True(before.equal(batch.Inputs.PixelValues).all().ToBoolean(), "the batch was changed");
        Assert.Equal(first, second.ToFloatArray());

        second.zero_();                                                    // nor is an output a view of the batch
        Assert.True(before.equal(batch.Inputs.PixelValues).all().ToBoolean(), "an output is the batch itself");
    }

    static ITeacher Open(string kind, DatasetInfo info, Normalization? own, string url)
    {
        PretrainedTeacherOptions options = kind switch
        {
            "checkpoint" => new CheckpointTeacherOptions
            {
                Network = new MlpOptions { Hidden = [4] },
                Path = Saved(info),
            },
            "torchscript" => Overwriting("x"),
            "torchscript-flat" => Overwriting("torch.reshape(x, [-1, 1, 6, 5])") with { Layout = ImageLayout.Flat },
            "torchscript-nhwc" => Overwriting("torch.permute(x, [0, 3, 1, 2])") with { Layout = ImageLayout.Nhwc },
            "onnx" => new OnnxTeacherOptions { Path = Tiny.At("tiny.onnx") },
            "onnx-nhwc" => new OnnxTeacherOptions { Path = Tiny.At("tiny-nhwc.onnx"), Layout = ImageLayout.Nhwc },
            "remote" => new RemoteTeacherOptions { Url = url },
            _ => Overwriting("x"),
        };
        if (kind == "network") return new NetworkTeacher(
            new Overwriter(), owns: true, new Renormalization(info.Inputs, own, CPU));

        options = options with { Normalization = own };
        if (kind != "ensemble") return options.Open(info, CPU);

        // the second member must get what the first did not write over
        using var alone = options.Open(info, CPU);
        var expected = alone.Forward(Tiny.Batch(), Output.Logits).Logits.LogSoftmax();
        var ensemble = new EnsembleTeacherOptions { Members = [options, options] }.Open(info, CPU);
        Assert.True(expected.allclose(ensemble.Forward(Tiny.Batch(), Output.Logits).Logits, atol: 1e-5));
        return ensemble;
    }

    static string Saved(DatasetInfo info)
    {
        var path = Path.Combine(Few.Folder(), "t.safetensors");
        using var network = ModuleFactory.Create(() => new MlpOptions { Hidden = [4] }.Build(info));
        SafeTensors.Write(path, network.state_dict());
        return path;
    }

    // tiny.pt, which computes its logits and then writes zeros over what it was given
    static TorchScriptTeacherOptions Overwriting(string images)
    {
        var path = Path.Combine(Few.Folder(), "t.pt");
        File.Copy(Tiny.At("tiny.pt"), path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        var entry = archive.GetEntry("tiny/code/__torch__.py")!;
        string code;
        using (var reader = new StreamReader(entry.Open())) code = reader.ReadToEnd();
        entry.Delete();
        using var writer = new StreamWriter(archive.CreateEntry("tiny/code/__torch__.py").Open(), Encoding.ASCII);
        writer.Write(code.Replace(
            "    return ((self).parts(x, ))[0]",
            $"    logits = ((self).parts({images}, ))[0]\n    _0 = torch.zero_(x)\n    return logits",
            StringComparison.Ordinal));
        return new() { Path = path };
    }

    sealed class Overwriter() : Network(nameof(Overwriter))
    {
        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted)
        {
            var x = inputs.PixelValues;
            var logits = x.reshape(x.size(0), -1).narrow(1, 0, 4).clone();
            x.zero_();
            return new() { Logits = logits };
        }
    }
}
