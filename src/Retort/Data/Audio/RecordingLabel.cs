namespace Retort.Data.Audio;

/// <summary>What the name of a sound file says of it.</summary>
/// <param name="Class">Its class: a folder's name, or a number.</param>
/// <param name="Split">Training (0), validation (1) or test (2), of split folders.</param>
/// <param name="Fold">Its fold from 1; null where the data has no folds.</param>
readonly record struct RecordingLabel(string Class, int Split, int? Fold);
