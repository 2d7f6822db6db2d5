namespace Retort.Contracts;

/// <summary>What one network costs.</summary>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Bytes">Of parameters and buffers in float32.</param>
/// <param name="MultiplyAdds">
/// Multiplications followed by an addition, for one example; null where they cannot be counted.
/// </param>
/// <param name="ActivationBytes">
/// The most bytes of intermediate results that live at one time, for one example; null where they cannot be counted.
/// </param>
public sealed record InferenceCost(long Parameters, long Bytes, long? MultiplyAdds, long? ActivationBytes);
