namespace Retort.Models;

/// <summary>Checks that data fits a network of tokens before it is built.</summary>
static class TokenInput
{
    /// <summary>The number of token ids; data without token ids, or with longer texts, is refused.</summary>
    /// <param name="info">What is known of the data.</param>
    /// <param name="network">The network's name, the subject of the message.</param>
    /// <param name="positions">The most tokens of a text that the network takes.</param>
    /// <param name="beside">Other inputs that the network takes.</param>
    public static int Vocabulary(
        DatasetInfo info, string network, int positions, params IReadOnlyList<string> beside)
    {
        var ids = info.Input(InputNames.InputIds);
        if (ids is null || info.Input(InputNames.AttentionMask) is null) throw new InvalidOperationException(
            $"{network} takes token ids (input_ids and attention_mask); the data has {info.Names}: choose another "
            + "network.");

        var other = info.Inputs.FirstOrDefault(input => !beside.Contains(input.Name) && input.Name
            is not (InputNames.InputIds or InputNames.AttentionMask or InputNames.TokenTypeIds));
        if (other is not null) throw new InvalidOperationException(
            $"{network} takes {string.Join(", ", [InputNames.InputIds, InputNames.AttentionMask, .. beside])} and "
            + $"token_type_ids alone; the data has {other.Name} too.");

        if (ids.Axes[0].MaxSize is { } longest && longest > positions) throw new InvalidOperationException(Invariant(
            $"{network} has positions for {positions} tokens, and the data's longest text has {longest}: ")
            + "cut the texts, or choose a network with more positions.");
        return ids.Vocabulary ?? throw new InvalidOperationException(
            $"{network} needs the number of token ids, and the data's input_ids state none (vocabulary).");
    }
}
