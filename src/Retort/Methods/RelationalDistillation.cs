namespace Retort.Methods;

/// <summary>
/// Options of <see cref="RelationalDistillation"/>. Defaults are the paper's for classification, §4.2.
/// </summary>
public sealed record RelationalDistillationOptions : LossOptions, IValidated
{
    /// <summary>The weight of the distances; 1 in the paper's metric learning, §4.1.</summary>
    [NotNegative] public double DistanceWeight { get; init; } = 25;

    /// <summary>The weight of the angles; 2 in the paper's metric learning, §4.1.</summary>
    [NotNegative] public double AngleWeight { get; init; } = 50;

    public override DistillationLoss Build(MethodContext context)
    {
        OptionRules.Check(this);
        context.Task.RequireEmbedding("rkd");
        return new RelationalDistillation(this);
    }

    /// <summary>Refuses an objective without a term.</summary>
    public OptionError? Validate() => DistanceWeight > 0 || AngleWeight > 0 ? null
        : new(nameof(DistanceWeight), "must be greater than 0 where angleWeight is 0; it is 0.");
}

/// <summary>
/// The student learns the distances of the teacher's embeddings within a batch, relative to their mean, and the angles
/// of all triples. Widths may differ.
/// </summary>
/// <remarks>
/// Differs from the authors' code: an example that coincides with the angle's vertex has an angle of 0 without a
/// gradient.
/// </remarks>
[Paper("rkd", "Park, Kim, Lu, Cho, Relational Knowledge Distillation, arXiv:1904.05068", 2019)]
public sealed class RelationalDistillation(RelationalDistillationOptions options) : DistillationLoss
{
    const double Coincident = 1e-6;                                         // a distance of less has no direction

    public override RequiredOutputs Requires => Output.Embedding;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var (t, s) = (teacher.Embedding.AtLeastFloat32(), student.Embedding.AtLeastFloat32());  // [B, Dt], [B, Ds]
        var terms = new LossTerms();
        if (options.DistanceWeight > 0)
            terms["distances"] = SmoothL1(Distances(t), Distances(s)).Times(options.DistanceWeight);    // Eq. 8
        if (options.AngleWeight > 0)
            terms["angles"] = SmoothL1(Angles(t), Angles(s)).Times(options.AngleWeight);                // Eq. 10
        return terms;
    }

    /// <summary>Distances divided by the mean of those above 0, Eq. 5 and 6. [B, D] → [B, B]</summary>
    internal static Tensor Distances(Tensor x)
    {
        var distances = DistanceMatrix(x);
        var count = distances.detach().sign().sum().AtLeastOne();           // []
        var mean = distances.sum().DividedBy(count);
        return distances.DividedBy(mean.Add(1e-12));
    }

    /// <summary>The cosine of the angle at j between i and k, Eq. 9. [B, D] → [B, B, B] with axes j, i, k</summary>
    internal static Tensor Angles(Tensor x)
    {
        var differences = x.unsqueeze(0).Subtract(x.unsqueeze(1));          // [B, B, D] with axes j, i
        var lengths = differences.RowNorms();
        using var limit = (2 * Coincident).ToScalar();                      // a norm of 0 is 1e-6
        var apart = lengths.gt(limit);                                      // [B, B]
        var directions = differences.DividedBy(lengths.Where(apart, 1).unsqueeze(2)).Where(apart.unsqueeze(2), 0);
        return directions.bmm(directions.transpose(1, 2));
    }
}
