namespace Retort.Studies.Fidelity;

/// <summary>The measurements of a student and its teacher.</summary>
public sealed record RowFigures
{
    public required double TeacherAccuracy { get; init; }
    public required double TeacherNll { get; init; }
    public required double TeacherEce { get; init; }
    public required double Accuracy { get; init; }
    public required double Nll { get; init; }
    public required double Ece { get; init; }

    /// <summary>On test.</summary>
    public required double Agreement { get; init; }

    /// <summary>On test.</summary>
    public required double Kl { get; init; }

    /// <summary>On the distillation data, in new views, after training.</summary>
    public required double TrainAgreement { get; init; }

    /// <inheritdoc cref="TrainAgreement"/>
    public required double TrainKl { get; init; }

    /// <summary>The distillation loss at the student's τ, on the same views.</summary>
    public required double Loss { get; init; }

    /// <summary>The lowest possible loss: τ² H of the teacher.</summary>
    public required double Floor { get; init; }

    /// <summary>Loss minus floor, computed as τ² KL, so that no digits are lost.</summary>
    public required double Excess { get; init; }

    /// <summary>
    /// Linear CKA of each stage with the teacher's, on test; empty for ensembles and for other architectures.
    /// </summary>
    public required IReadOnlyList<double> Cka { get; init; }
}
