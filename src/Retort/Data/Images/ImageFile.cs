using Retort.Runtime.Features;

namespace Retort.Data.Images;

/// <summary>A decoded image.</summary>
/// <param name="Path">Its name in the dataset.</param>
/// <param name="DisplayName">Its name in messages.</param>
/// <param name="Image">Its pixels.</param>
sealed record ImageFile(string Path, string DisplayName, Image Image);
