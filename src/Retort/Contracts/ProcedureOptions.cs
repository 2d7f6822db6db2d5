namespace Retort.Contracts;

/// <summary>The options of a method that is a procedure.</summary>
public abstract record ProcedureOptions : MethodOptions
{
    /// <summary>Builds the procedure.</summary>
    public abstract Procedure Build();
}
