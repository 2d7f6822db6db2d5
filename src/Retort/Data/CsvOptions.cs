namespace Retort.Data;

/// <summary>
/// Options of comma-separated values (RFC 4180). A field may be quoted; one that continues on the next line is refused.
/// </summary>
public sealed record CsvOptions : TableOptions
{
    internal override char Separator => ',';
}
