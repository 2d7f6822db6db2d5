using Retort.Training;
namespace Retort.Contracts;

/// <summary>A method whose loop is the paper: it trains one network after another. The last of them is the student.</summary>
public abstract class Procedure
{
    /// <summary>What its networks are asked for, and what it asks of the recipe's teacher.</summary>
    public abstract RequiredOutputs Needs { get; }

    /// <summary>Carries it out. Called again after a stop it must ask for the same networks in the same order.</summary>
    public abstract ProcedureResult Run(ProcedureContext bench);
}

/// <summary>Options of a procedure.</summary>
public abstract record ProcedureOptions : MethodOptions
{
    /// <summary>The procedure.</summary>
    public abstract Procedure Build();
}

/// <summary>What a procedure leaves.</summary>
/// <param name="Stages">Its networks in the order they were trained; the last is the student.</param>
public sealed record ProcedureResult(IReadOnlyList<Stage> Stages);

/// <summary>One network of a procedure.</summary>
/// <param name="Part">As <see cref="ProcedureContext.Train"/> was told; its folder's name in the student's.</param>
/// <param name="Teacher">The stage that taught it; null where none did.</param>
/// <param name="Temperature">At which its teacher's answers were softened; null without one.</param>
public sealed record Stage(string Part, string? Teacher = null, double? Temperature = null);
