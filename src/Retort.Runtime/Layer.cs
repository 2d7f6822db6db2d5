namespace Retort.Runtime;

/// <summary>One operator of a graph, as <c>retort inspect</c> lists it.</summary>
/// <param name="Name">Name of the node, or of its result.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Shape">Shape of its first result, for one example.</param>
/// <param name="Parameters">Trained elements that no node before it reads.</param>
/// <param name="MultiplyAdds">Its multiply-adds, for one example.</param>
public sealed record Layer(
    string Name, string Operator, IReadOnlyList<long> Shape, long Parameters, long MultiplyAdds);
