using Retort.Runtime.Knowledge;

namespace Retort.Methods;

public sealed partial class RetrievalAugmented
{
    /// <summary>Stage 3: a row with z and t for each training example; k and β are not chosen yet.</summary>
    KnowledgeBaseBuilder Rows(ProcedureContext context, IReadOnlyDictionary<OutputKey, Predictions> ofTeacher,
        Linear projection, string studentHash)
    {
        var (logits, keys) = (ofTeacher[Output.Logits], Keys(ofTeacher[Output.Embedding], projection, context.Device));
        var width = keys.Length / logits.Count;
        var rows = new KnowledgeBaseBuilder(width, logits.Width, new(1, 0, options.Temperature))
        {
            KeyType = options.KeyType,
            StudentHash = studentHash,
        };
        var t = new float[logits.Width];
        for (var n = 0; n < logits.Count; n++)
        {
            Retrieval.Probabilities(logits.Row(n), t);
            var text = options.StoreTexts ? context.Training.TextOf(n) : null;
            rows.Add(keys.AsSpan(n * width, width), t, logits.Ids[n], text);
        }
        return rows;
    }

    // z of all examples, row by row
    static float[] Keys(Predictions embeddings, Linear projection, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var h = embeddings.Values.ToTensor(embeddings.Count, embeddings.Width).to(device);      // [M, Dt]
        return Loss.Projected(h, projection).cpu().ToFloatArray();            // [M, Ds]
    }
}
