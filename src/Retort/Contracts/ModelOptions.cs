using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>The options of a network, as a recipe states them.</summary>
public abstract record ModelOptions
{
    /// <summary>Builds the network with new weights, drawn from libtorch's generator.</summary>
    public abstract Network Build(DatasetInfo info);

    /// <summary>
    /// Options of the same network that need no file: those that a run stores in a network's <c>config.json</c>. They
    /// differ where <see cref="Build"/> reads pretrained weights.
    /// </summary>
    public virtual ModelOptions Architecture() => this;

    /// <summary>
    /// What smaller encoders can be cut out of; null of a network that is no encoder of equal layers with heads.
    /// </summary>
    public virtual EncoderShape? Encoder() => null;

    /// <summary>SHA-256 of the file that the initial weights come from; null where all of them are drawn.</summary>
    public virtual string? HashPretrained() => null;

    /// <summary>
    /// The file that the initial weights come from and what becomes of its classifier, in one line without a subject;
    /// null where all weights are drawn.
    /// </summary>
    public virtual string? DescribeInitial(DatasetInfo info) => null;

    /// <summary>
    /// The keys of <c>config.json</c> by which Hugging Face's libraries build this network with its weights; null of a
    /// network that they do not have.
    /// </summary>
    public virtual JsonObject? PublishedConfig(DatasetInfo info) => null;
}
