namespace Retort.Contracts;

/// <summary>Where a method comes from; feeds PAPERS.md and <c>retort methods</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PaperAttribute(string key, string citation, int year) : Attribute
{
    public string Key => key;
    public string Citation => citation;
    public int Year => year;
}
