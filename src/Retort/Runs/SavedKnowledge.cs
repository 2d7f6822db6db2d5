using Retort.Runtime.Knowledge;

namespace Retort.Runs;

/// <summary>The knowledge base in a network's folder.</summary>
static class SavedKnowledge
{
    /// <summary>Opens the knowledge base of a network's folder.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or belongs to another network.</exception>
    public static KnowledgeBase Open(string folder, NetworkConfig config)
    {
        var name = config.KnowledgeFile!;
        if (name != Path.GetFileName(name)) throw new InvalidDataException(
            $"{Path.Combine(folder, NetworkFiles.Config)}: a knowledge base must be beside the file; "
            + $"it is \"{name}\".");

        var knowledge = KnowledgeBase.Open(Path.Combine(folder, name));
        var hash = NetworkFiles.WeightsHash(folder);
        if (knowledge.StudentHash == hash) return knowledge;

        knowledge.Dispose();
        throw new InvalidDataException(
            $"{knowledge.Path} must belong to {Path.Combine(folder, NetworkFiles.Weights)}, with the SHA-256 {hash}; "
            + $"it belongs to a file with {knowledge.StudentHash}.");
    }
}
