using System.Diagnostics.CodeAnalysis;

namespace Retort.Training;

/// <summary>The precision of products in training.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The formats' own names, as a recipe has them.")]
public enum TrainingPrecision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>Faster for large networks on processors with avx512_bf16 or AMX, slower for small ones.</summary>
    Bfloat16,
}
