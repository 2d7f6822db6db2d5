using static Retort.Methods.AnchorSimilarityOptions;

namespace Retort.Methods;

/// <remarks>This file: what it refuses, and the queue.</remarks>
public sealed partial class AnchorSimilarity
{
    /// <summary>Refuses a queue that does not fit the data, and embeddings that cannot be compared.</summary>
    static void Check(AnchorSimilarityOptions options, MethodContext context)
    {
        var batch = Math.Min(context.BatchSize, context.Examples);
        var count = options.AnchorCount(context.Examples, batch);
        if (batch > count) throw new InvalidOperationException(Invariant(
            $"The method \"compress\" writes each batch into its queue, so that \"anchors\" must be at least the ")
            + Invariant($"batch size, {batch}; it is {count}."));
        if (count > context.Examples) throw new InvalidOperationException(Invariant(
            $"The method \"compress\" needs \"anchors\" of at most the number of training examples, ")
            + Invariant($"{context.Examples}; it is {count}. At most half of them is advisable."));

        var (t, s) = (context.Teacher?.Width(Output.Embedding) ?? 0, context.Student.Width(Output.Embedding));
        var areComparable = t == s || t == 0 || s == 0;                     // 0: refused by what it requires
        if (options is { Queues: AnchorQueues.One, Head: AnchorHead.None } && !areComparable)
            throw new InvalidOperationException(Invariant(
                $"The method \"compress\" with one queue compares the student's embedding of width {s} with the ")
                + Invariant($"teacher's of width {t}: set \"head\" to \"linear\" or \"mlp\", or \"queues\" to ")
                + "\"two\".");
    }

    /// <summary>
    /// The embeddings of the last K examples, of length 1, in rings that advance together, and the head with its
    /// momentum copy. It starts with random anchors of an expected squared length of 1.
    /// </summary>
    sealed class AnchorQueue : torch.nn.Module
    {
        readonly Tensor teacher;                                            // [K, Dt]
        readonly Tensor? student;                                           // [K, Ds]; null with one queue
        readonly Tensor position;                                           // [1] int64: the next row to write
        readonly torch.nn.Module<Tensor, Tensor>? head;
        readonly torch.nn.Module<Tensor, Tensor>? key_head;                 // of the momentum encoder
        readonly double _momentum;

        public AnchorQueue(AnchorSimilarityOptions options, MethodContext context) : base(nameof(AnchorQueue))
        {
            _momentum = options.Momentum;
            var count = options.AnchorCount(context.Examples, Math.Min(context.BatchSize, context.Examples));
            var t = Math.Max(context.Teacher?.Width(Output.Embedding) ?? 0, 1);
            var s = Math.Max(context.Student.Width(Output.Embedding), 1);
            var hasOwnQueue = options.Queues == AnchorQueues.Two;
            head = MakeHead(options.Head, s, t);
            key_head = hasOwnQueue ? MakeHead(options.Head, s, t) : null;
            teacher = RandomAnchors(count, t);
            student = hasOwnQueue ? RandomAnchors(count, head is null ? s : t) : null;
            position = torch.zeros(1, torch.ScalarType.Int64);
            RegisterComponents();

            using var noGrad = torch.no_grad();
            foreach (var (key, query) in HeadParameters())
            {
                key.copy_(query);
                key.requires_grad_(false);
            }
        }

        /// <summary>[K, Dt]</summary>
        public Tensor TeacherAnchors => teacher;

        /// <summary>What the student is compared with. [K, Ds]</summary>
        public Tensor StudentAnchors => student ?? teacher;

        /// <summary>The student's embedding through its head, if there is one.</summary>
        public Tensor Project(Tensor embedding) => head?.call(embedding) ?? embedding;

        /// <summary>Overwrites the oldest rows, then updates the head's momentum copy.</summary>
        /// <param name="teacherEmbedding">[B, Dt]</param>
        /// <param name="keyEmbedding">Of the momentum encoder, or without one of the student. [B, Ds]</param>
        public void Push(Tensor teacherEmbedding, Tensor keyEmbedding)
        {
            var (batch, count) = ((int)teacherEmbedding.size(0), (int)teacher.size(0));
            var first = (int)position.ToLongArray()[0];
            long[] rows = [.. Enumerable.Range(0, batch).Select(i => (long)((first + i) % count))];
            var at = rows.ToTensor(batch).to(teacher.device);
            teacher.index_copy_(0, at, teacherEmbedding.UnitRows());
            student?.index_copy_(0, at, (key_head?.call(keyEmbedding) ?? keyEmbedding).UnitRows());
            long[] next = [(first + batch) % count];
            position.copy_(next.ToTensor(1));

            // without momentum it is the head as it was before this step
            foreach (var (key, query) in HeadParameters())
                key.copy_(key.Times(_momentum).Add(query.Times(1 - _momentum)));
        }

        IEnumerable<(Tensor Key, Tensor Query)> HeadParameters() => key_head is null ? []
            : key_head.parameters().Zip(head!.parameters(), (key, query) => ((Tensor)key, (Tensor)query));

        static torch.nn.Module<Tensor, Tensor>? MakeHead(AnchorHead kind, int from, int to) => kind switch
        {
            AnchorHead.Linear => new Linear(from, to),
            AnchorHead.Mlp => new ProjectionHead(from, to),
            _ => null,
        };

        static Tensor RandomAnchors(long count, long width)
        {
            var bound = Math.Sqrt(3.0 / width);
            return torch.empty(count, width).uniform_(-bound, bound);
        }
    }
}
