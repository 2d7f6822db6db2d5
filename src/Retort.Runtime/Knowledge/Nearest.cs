namespace Retort.Runtime.Knowledge;

/// <summary>The best rows so far, in order: higher similarity first, of equal ones the lower row.</summary>
/// <param name="room">Its length is k.</param>
/// <param name="count">How many rows are there already, in order.</param>
ref struct Nearest(Span<Neighbor> room, int count = 0)
{
    readonly Span<Neighbor> _room = room;

    /// <summary>How many rows there are, at most k.</summary>
    public int Count { get; private set; } = count;

    /// <summary>Adds a row where it is among the best k.</summary>
    public void Add(Neighbor neighbor)
    {
        if (Count == _room.Length && !neighbor.IsBefore(_room[Count - 1])) return;

        var at = Count < _room.Length ? Count++ : Count - 1;
        for (; at > 0 && neighbor.IsBefore(_room[at - 1]); at--) _room[at] = _room[at - 1];
        _room[at] = neighbor;
    }
}
