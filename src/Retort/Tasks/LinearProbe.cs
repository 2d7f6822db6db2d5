using static TorchSharp.torch;

namespace Retort.Tasks;

/// <summary>
/// Multinomial logistic regression on frozen embeddings: features standardized by the training split, full-batch
/// gradient descent with Nesterov's momentum, L2 penalty ½ λ ‖W‖² with λ = 1e-4. Deterministic.
/// </summary>
sealed class LinearProbe
{
    const int Steps = 500;
    const double Penalty = 1e-4;

    // arrays, so that a probe needs no disposal
    readonly int _classes;
    readonly float[] _mean;                                                 // [D]
    readonly float[] _deviation;                                            // [D]
    readonly float[] _weights;                                              // [D + 1, C]

    /// <summary>Trains a classifier on the labelled examples of a split.</summary>
    public LinearProbe(Predictions training, int classes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (x, labels) = Labelled(training);                               // [N, D], [N]
        var mean = x.mean([0], keepdim: true);                              // [1, D]
        var deviation = x.Subtract(mean).Squared().mean([0], keepdim: true).sqrt().Add(1e-6);
        var weights = Train(WithBias(x.Subtract(mean).div(deviation)), labels, classes);   // [D + 1, C]
        _classes = classes;
        (_mean, _deviation, _weights) = (mean.ToFloatArray(), deviation.ToFloatArray(), weights.ToFloatArray());
    }

    /// <summary>The share of a split's labelled examples that the classifier predicts correctly.</summary>
    public double Accuracy(Predictions split)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (mean, deviation) = (_mean.ToTensor(1, _mean.Length), _deviation.ToTensor(1, _mean.Length));
        var weights = _weights.ToTensor(_mean.Length + 1, _classes);
        var (queries, known) = Labelled(split);
        var predicted = WithBias(queries.Subtract(mean).div(deviation)).mm(weights).argmax(1);
        return predicted.eq(known).to(ScalarType.Float64).mean().ToDouble();
    }

    // the gradient of the mean cross-entropy is Xᵀ(P − Y) / N, its Lipschitz constant at most ½ λ_max(XᵀX / N)
    static Tensor Train(Tensor x, Tensor labels, int classes)
    {
        var rows = x.shape[0];
        var targets = nn.functional.one_hot(labels, classes).to(ScalarType.Float32);    // [N, C]
        var gram = x.t().mm(x);                                             // [D + 1, D + 1]
        var rate = 1 / (gram.abs().sum(1).max().ToDouble() / (2.0 * rows) + Penalty);   // λ_max is below any row sum
        var weights = zeros(x.shape[1], classes);                           // [D + 1, C]
        var before = zeros(x.shape[1], classes);
        for (var step = 1; step <= Steps; step++)
        {
            using var inner = NewDisposeScope();
            var ahead = weights.Add(weights.Subtract(before).Times((step - 1.0) / (step + 2)));
            var error = x.mm(ahead).Softmax().Subtract(targets);                 // [N, C]
            var gradient = x.t().mm(error).Times(1.0 / rows).Add(ahead.Times(Penalty));
            var next = ahead.Subtract(gradient.Times(rate));
            before.copy_(weights);
            weights.copy_(next);
        }
        return weights;
    }

    static Tensor WithBias(Tensor x) => cat([x, ones(x.shape[0], 1)], 1);

    static (Tensor X, Tensor Labels) Labelled(Predictions split)
    {
        var known = Enumerable.Range(0, split.Count).Where(i => split.Labels[i] >= 0).ToList();
        long[] labels = [.. known.Select(i => split.Labels[i])];
        return (split.RowsOf(known), labels.ToTensor(known.Count));
    }
}
