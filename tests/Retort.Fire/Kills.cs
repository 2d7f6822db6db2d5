namespace Retort.Fire;

/// <summary>Kills the program at random moments of training, caching and export, and looks at what is left.</summary>
static class Kills
{
    public static int Run(string[] options) => throw new NotImplementedException(options.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
