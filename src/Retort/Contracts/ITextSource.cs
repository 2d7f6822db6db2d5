namespace Retort.Contracts;

/// <summary>A split whose examples can be shown as texts.</summary>
public interface ITextSource
{
    /// <summary>The text of the example at a position; of a pair both.</summary>
    string Text(int position);
}
