using Retort.Tests.Packages;

namespace Retort.Tests.Data;

/// <summary>The long round of the readers' fuzz: files damaged by the hundred thousand, read by processes that may die.</summary>
public sealed class LongReaderFuzz
{
    [Fact]
    public void Damaged_files_are_read_or_refused_in_our_words_and_within_the_budget()
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Retort.Fire.exe" : "Retort.Fire");
        Assert.Contains("| all | 100000 | ", Dotnet.Start(program, AppContext.BaseDirectory, "mutants", "--count", "100000", "--seed", "1"),
            StringComparison.Ordinal);
    }
}
