namespace Retort.Fire;

/// <summary>Damaged files for every reader: each is read, or refused in our words, within its budget and in no time.</summary>
static class Mutants
{
    public static int Run(string[] options) => throw new NotImplementedException(options.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
