namespace Retort.Contracts;

/// <summary>What inference of one example costs a network or a teacher, as far as it can be counted.</summary>
/// <param name="Parameters">Trained numbers.</param>
/// <param name="Bytes">Of parameters and buffers in float32.</param>
/// <param name="MultiplyAdds">Multiplications followed by an addition; null where they cannot be counted.</param>
/// <param name="ActivationBytes">
/// The most bytes of intermediate results at one time; null where they cannot be counted.
/// </param>
public sealed record InferenceCost(long Parameters, long Bytes, long? MultiplyAdds, long? ActivationBytes);
