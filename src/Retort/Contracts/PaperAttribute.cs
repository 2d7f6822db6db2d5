namespace Retort.Contracts;

/// <summary>The paper of a method, as PAPERS.md and <c>retort methods</c> list it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PaperAttribute(string key, string citation, int year) : Attribute
{
    /// <summary>The method's name in recipes.</summary>
    public string Key => key;

    /// <summary>Authors, title and where it was published.</summary>
    public string Citation => citation;

    /// <summary>The year of publication; 0 without a paper.</summary>
    public int Year => year;
}
