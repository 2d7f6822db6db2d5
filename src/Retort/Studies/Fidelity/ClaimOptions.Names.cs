using System.Text.Json.Serialization;

namespace Retort.Studies.Fidelity;

// the names of claims in studies; a file of its own, so that no claim's file leads back to the others
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(EasyCaseOptions), "easy-case")]
[JsonDerivedType(typeof(TensionOptions), "tension")]
[JsonDerivedType(typeof(EnsemblesOptions), "ensembles")]
[JsonDerivedType(typeof(MembersOptions), "members")]
[JsonDerivedType(typeof(TemperatureOptions), "temperature")]
[JsonDerivedType(typeof(PolicyOptions), "policies")]
[JsonDerivedType(typeof(RecyclingOptions), "recycling")]
[JsonDerivedType(typeof(HarderDataOptions), "harder-data")]
[JsonDerivedType(typeof(LongerTrainingOptions), "longer-training")]
[JsonDerivedType(typeof(BasinOptions), "basin")]
[JsonDerivedType(typeof(InitialWeightsOptions), "first-weights")]
[JsonDerivedType(typeof(CapacityOptions), "capacity")]
[JsonDerivedType(typeof(CalibrationOptions), "calibration")]
public abstract partial record ClaimOptions;
