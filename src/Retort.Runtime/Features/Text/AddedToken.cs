using System.Text.Json;

namespace Retort.Runtime.Features.Text;

/// <summary>A token that is found in the text before it is normalized, as Hugging Face's files list it.</summary>
readonly record struct AddedToken(int Id, string Text)
{
    /// <summary>Reads an entry of <c>added_tokens</c> or <c>added_tokens_decoder</c>.</summary>
    /// <remarks>
    /// <c>lstrip</c> and <c>rstrip</c> take spaces beside the token, which are no part of a word anyway.
    /// </remarks>
    public static AddedToken Read(TokenizerFile file, JsonElement entry, int id)
    {
        file.CheckObject(entry, "an added token");
        var text = file.Text(entry, "content") ?? throw file.Error(Invariant($"added token {id} has no \"content\""));
        foreach (var option in (string[])["normalized", "single_word"])
            if (file.Bool(entry, option) == true)
                throw file.Error(
                    $"\"{option}\" of the added token {WordPieceCheck.Quoted(text)} must be false; it is true");
        return WordPieceCheck.ProblemOfToken(text) is { } problem
            ? throw file.Error(Invariant($"added token {id} {problem}")) : new(id, text);
    }

    /// <summary>Puts added tokens into a vocabulary: at their ids, or behind its end.</summary>
    public static void Place(TokenizerFile file, IEnumerable<AddedToken> tokens, List<string> vocabulary)
    {
        foreach (var (id, text) in tokens.OrderBy(token => token.Id))
        {
            if (id == vocabulary.Count) vocabulary.Add(text);
            else if (id < 0 || id > vocabulary.Count)
                throw file.Error(
                    Invariant($"the added token {WordPieceCheck.Quoted(text)} has the id {id}; ids must have no gap, ")
                    + Invariant($"and the next is {vocabulary.Count}"));
            else if (vocabulary[id] != text)
                throw file.Error(
                    Invariant($"the added token {WordPieceCheck.Quoted(text)} has the id {id}, which is that of ")
                    + WordPieceCheck.Quoted(vocabulary[id]));
        }
    }
}
