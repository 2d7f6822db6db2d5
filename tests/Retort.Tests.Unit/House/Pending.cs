namespace Retort.Tests.House;

/// <summary>Rules that the sources do not keep everywhere yet.</summary>
static class Pending
{
    /// <summary>Why their tests are skipped; null switches them on.</summary>
    public const string? Reason = "not all tests and circles are done yet";
}
