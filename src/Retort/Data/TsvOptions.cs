namespace Retort.Data;

/// <summary>Options of tab-separated values. Quotes have no special meaning.</summary>
public sealed record TsvOptions : TableOptions
{
    internal override char Separator => '\t';
}
