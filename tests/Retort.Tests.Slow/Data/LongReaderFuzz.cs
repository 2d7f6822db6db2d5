using Retort.Tests.Packages;

namespace Retort.Tests.Data;

/// <summary>
/// The long round of the readers' fuzz: a hundred thousand damaged files, read by processes that may die.
/// </summary>
public sealed class LongReaderFuzz
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory,
        OperatingSystem.IsWindows() ? "Retort.Fire.exe" : "Retort.Fire");

    [Fact]
    public void Damaged_files_are_read_or_refused_in_one_sentence_and_within_the_budget()
    {
        var said = Dotnet.Start(Program, AppContext.BaseDirectory, "mutants", "--count", "100000", "--seed", "1");
        Assert.Contains("| all | 100000 | ", said, StringComparison.Ordinal);
    }
}
