namespace Retort.Contracts;

/// <summary>A state of an environment as lines and circles, in the environment's own units, y upwards.</summary>
/// <param name="Left">The left border.</param>
/// <param name="Bottom">The lower border.</param>
/// <param name="Width">The width.</param>
/// <param name="Height">The height.</param>
/// <param name="Lines">Lines of several points.</param>
/// <param name="Circles">Circles.</param>
public sealed record EnvironmentPicture(double Left, double Bottom, double Width, double Height,
    IReadOnlyList<PictureLine> Lines, IReadOnlyList<PictureCircle> Circles);

/// <summary>A line of a picture.</summary>
/// <param name="Points">Its points.</param>
/// <param name="Thickness">In the picture's units.</param>
/// <param name="Moves">Whether it changes from step to step.</param>
public sealed record PictureLine(IReadOnlyList<(double X, double Y)> Points, double Thickness, bool Moves);

/// <summary>A circle of a picture.</summary>
/// <param name="X">The center.</param>
/// <param name="Y">The center.</param>
/// <param name="Radius">The radius.</param>
public sealed record PictureCircle(double X, double Y, double Radius);
