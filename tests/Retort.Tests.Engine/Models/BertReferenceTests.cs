using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Teachers;
using Retort.Tests.Export;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>
/// all-MiniLM-L6-v2 with its published weights against what Hugging Face's transformers computes, where it is at hand:
/// the folder <c>minilm</c> in the cache of data sets, which RETORT_DATA moves.
/// </summary>
public sealed class BertReferenceTests
{
    const double Allowed = 1e-4;

    static readonly DatasetInfo s_info = new()
    {
        Classes = [],
        Inputs =
        [
            TensorSpec.Tokens("input_ids", 256, 30_522),
            TensorSpec.Tokens("attention_mask", 256),
            TensorSpec.Tokens("token_type_ids", 256),
        ],
    };

    [Fact]
    public void Sentences_have_the_published_embeddings_hidden_states_and_attentions()
    {
        using var scope = NewDisposeScope();
        var (folder, reference) = Reference();
        using var network = Built(folder, BertPooling.Mean);
        var wanted = Output.Embedding | Output.HiddenStates | Output.Attentions;
        foreach (var sentence in reference["sentences"]!.AsArray())
        {
            var found = network.Forward(Texts(Ids(sentence!)), wanted);
            Near(sentence!["mean_pooled"]!, found.Embedding);
            Near(sentence["embedding"]!, nn.functional.normalize(found.Embedding));
            Near(sentence["hidden_state_norms"]!, stack(found.HiddenStates.Select(state => state.norm())));
            Near(sentence["hidden_state_first"]!, stack(found.HiddenStates.Select(state => state[0, 0, ..4])));
            Near(sentence["attention_first"]!, stack(found.Attentions.Select(attention => attention[0, 0, 0, ..4])));
        }
    }

    [Fact]
    public void The_pooler_and_a_pair_of_sentences_are_the_published_ones()
    {
        using var scope = NewDisposeScope();
        var (folder, reference) = Reference();
        using var network = Built(folder, BertPooling.Pooler);
        foreach (var sentence in reference["sentences"]!.AsArray())
            Near(sentence!["pooler_head"]!,
                network.Forward(Texts(Ids(sentence)), Output.Embedding).Embedding[0, ..8]);
        var pair = reference["pair"]!;
        var types = pair["type_ids"].Deserialize<long[]>()!;
        var last = network.Forward(Texts(Ids(pair), types), Output.TokenEmbeddings).TokenEmbeddings;
        Near(pair["cls_first"]!, last[0, 0, ..8]);
    }

    [Fact]
    public void All_sentences_in_one_padded_batch_have_the_same_embeddings_in_the_network_and_in_ONNX_Runtime()
    {
        using var scope = NewDisposeScope();
        var (folder, reference) = Reference();
        using var network = Built(folder, BertPooling.Mean);
        var sentences = reference["sentences"]!.AsArray();
        var rows = sentences.Select(sentence => Ids(sentence!)).ToList();
        var texts = Padded(rows);
        var expected = new JsonArray([.. sentences.Select(sentence => sentence!["mean_pooled"]!.DeepClone())]);
        Near(expected, network.Forward(texts, Output.Embedding).Embedding);

        using var graph = new OnnxModel(OnnxComparison.File(OnnxExporter.Model(network, s_info, Output.Embedding)));
        var found = graph.Run([.. texts.Parts.Select(
            part => NamedTensor.Of<long>(part.Name, part.Value.ToLongArray(), part.Value.shape))])[0];
        Near(expected, found.Values<float>().ToArray().ToTensor(found.Shape.ToArray()));
    }

    [Fact]
    public void The_folder_is_a_teacher_of_embeddings()
    {
        using var scope = NewDisposeScope();
        var (folder, reference) = Reference();
        using var teacher = new CheckpointTeacherOptions
        {
            Network = new BertOptions { Layers = 6, HiddenSize = 384, Heads = 12, Pooling = BertPooling.Mean },
            Path = folder,
        }.Open(s_info, CPU);
        var first = reference["sentences"]![0]!;
        using var network = Built(folder, BertPooling.Mean);
        var expected = network.Forward(Texts(Ids(first)), Output.Embedding).Embedding;
        var batch = new Batch { Inputs = Texts(Ids(first)), Labels = zeros(1, int64), Labelled = 0, Ids = [0] };
        var found = teacher.Forward(batch, Output.Embedding).Embedding;
        Assert.InRange((expected - found).abs().max().ToDouble(), 0, 1e-6);
    }

    static Network Built(string folder, BertPooling pooling)
    {
        var network = ModuleFactory.Create(
            () => new BertPretrainedOptions { Path = folder, Pooling = pooling }.Build(s_info));
        network.eval();
        return network;
    }

    static (string Folder, JsonNode Reference) Reference()
    {
        var folder = Path.Combine(CacheFolders.Data, "minilm");
        Assert.SkipUnless(
            Directory.Exists(folder), $"{folder} is not there; RETORT_DATA can name the folder that has minilm.");
        using var file = new GZipStream(File.OpenRead(Path.Combine(folder, "reference.json.gz")),
            CompressionMode.Decompress);
        return (folder, JsonNode.Parse(file)!);
    }

    static long[] Ids(JsonNode sentence) => sentence["ids"].Deserialize<long[]>()!;

    static Inputs Texts(long[] ids, long[]? types = null) => new(
        ("input_ids", ids.ToTensor(1, ids.Length)),
        ("attention_mask", ones(1, ids.Length, int64)),
        ("token_type_ids", (types ?? new long[ids.Length]).ToTensor(1, ids.Length)));

    static Inputs Padded(List<long[]> rows)
    {
        var longest = rows.Max(row => row.Length);
        long[] ids = [.. rows.SelectMany(row => row.Concat(new long[longest - row.Length]))];
        long[] mask = [.. rows.SelectMany(row => Enumerable.Range(0, longest).Select(t => t < row.Length ? 1L : 0))];
        return new(
            ("input_ids", ids.ToTensor(rows.Count, longest)),
            ("attention_mask", mask.ToTensor(rows.Count, longest)),
            ("token_type_ids", new long[ids.Length].ToTensor(rows.Count, longest)));
    }

    // numbers of any nesting, in order; each against max(1, |expected|)
    static void Near(JsonNode expected, Tensor found)
    {
        var numbers = Numbers(expected).ToList();
        Assert.InRange(OnnxComparison.Error(numbers, found.detach().contiguous().ToFloatArray()), 0, Allowed);

        static IEnumerable<float> Numbers(JsonNode node) => node is JsonArray list
            ? list.SelectMany(entry => Numbers(entry!))
            : [(float)node.GetValue<double>()];
    }
}
