namespace Retort.Tests.House;

/// <summary>What the files themselves must be like.</summary>
public sealed class FileTests
{
    [Fact]
    public void A_method_takes_at_most_150_lines_and_any_file_300()
    {
        var broken = from file in Repository.Texts
                     where file.EndsWith(".cs", StringComparison.Ordinal)
                     let most = file.StartsWith("src/Retort/Methods/", StringComparison.Ordinal) ? 150 : 300
                     let lines = File.ReadLines(Repository.At(file)).Count()
                     where lines > most
                     select $"{file} has {lines} lines; {most} is the most";
        Assert.Empty(broken);
    }

    [Theory] // except generated pages
    [InlineData("")]
    [InlineData("tests/")]
    public void No_line_is_longer_than_120_characters(string folder)
    {
        string[] except =
        [
            "PAPERS.md", "docs/recipe-keys.md", "docs/api/", folder.Length == 0 ? "tests/" : "tests/Golden/",
        ];
        var broken = from file in Repository.Texts
                     where file.StartsWith(folder, StringComparison.Ordinal)
                     where Path.GetExtension(file) is ".cs" or ".md" or ".js" or ".css" or ".html" or ".py" or ".sh"
                     where !except.Any(path => file.StartsWith(path, StringComparison.Ordinal))
                     from line in File.ReadLines(Repository.At(file)).Index()
                     where line.Item.Length > 120
                     select $"{file}, line {line.Index + 1} has {line.Item.Length} characters";
        Assert.True(!broken.Any(), string.Join('\n', broken));
    }

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on()
    {
        string[] places = [$"/{"home"}/", $"/{"root"}/", $"/{"Users"}/", $"/{"work"}/", $":\\{"Users"}"];
        var host = Environment.MachineName;
        var broken = from file in Repository.Texts
                     from place in host.Length >= 8 ? [.. places, host] : places
                     where File.ReadAllText(Repository.At(file)).Contains(place, StringComparison.OrdinalIgnoreCase)
                     select $"{file} names {place}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Text_files_end_lines_with_a_line_feed_alone()
    {
        var broken = Repository.Texts.Where(file => !file.EndsWith(".cmd", StringComparison.Ordinal)
            && File.ReadAllText(Repository.At(file)).Contains('\r', StringComparison.Ordinal));
        Assert.Empty(broken);
    }
}
