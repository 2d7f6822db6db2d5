namespace Retort.Studies.Fidelity;

/// <summary>Initial weights λ θ + (1 - λ) w, with drawn weights w and the weights θ of the only teacher.</summary>
/// <param name="Share">λ.</param>
/// <param name="Trained">Whether θ are the teacher's trained weights; otherwise its initial ones.</param>
sealed record InitialWeights(double Share, bool Trained);
