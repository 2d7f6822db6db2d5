using PublicApiGenerator;

namespace Retort.Tests.House;

/// <summary>
/// What users of the libraries build on: a change of it is seen in review as a change of these pages.
/// </summary>
public sealed class ApiTests
{
    [Theory] // RETORT_WRITE_DOCS=1 writes it anew
    [InlineData("Retort.Tensors")]
    [InlineData("Retort.Runtime")]
    [InlineData("Retort")]
    public void What_is_public_is_what_the_page_lists(string library)
    {
        var made = System.Reflection.Assembly.Load(library)
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        var path = Repository.At($"docs/api/{library}.txt");
        if (Environment.GetEnvironmentVariable("RETORT_WRITE_DOCS") == "1") File.WriteAllText(path, made);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == made,
            $"What {library} makes public is not what docs/api/{library}.txt lists:\n{Difference(path, made)}\n"
            + "Where the change is meant, RETORT_WRITE_DOCS=1 ./test -class '*ApiTests' writes the page anew.");
    }

    [Fact] // the page must be able to differ
    public void A_member_that_goes_or_comes_is_named()
    {
        var path = Path.Combine(Contract.Few.Folder(), "api.txt");
        File.WriteAllText(path, "class A\n    void Gone()\n    void Stays()\n");
        Assert.Equal(
            "- void Gone()\n+ void Comes()", Difference(path, "class A\n    void Stays()\n    void Comes()\n"));
    }

    static string Difference(string path, string made)
    {
        string[] listed = File.Exists(path) ? File.ReadAllLines(path) : [];
        var now = made.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return string.Join('\n',
        [
            .. listed.Except(now).Select(line => $"- {line.Trim()}"),
            .. now.Except(listed).Select(line => $"+ {line.Trim()}"),
        ]);
    }
}
