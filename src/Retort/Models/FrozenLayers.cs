namespace Retort.Models;

/// <summary>Keeps layers of a network as they are in training.</summary>
static class FrozenLayers
{
    const string Backbone = "backbone";

    /// <summary>
    /// Takes the gradient from the parameters of these modules, and lets their batch norms use the running
    /// statistics.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="names">Names of modules or parameters, or <c>backbone</c>.</param>
    /// <param name="classifier">The beginning of the names of the classifier's parameters.</param>
    /// <exception cref="InvalidOperationException">
    /// A name is not the network's, or nothing would be trained.
    /// </exception>
    public static void Freeze(Network network, IReadOnlyList<string> names, string classifier)
    {
        var parameters = network.named_parameters().ToList();
        foreach (var name in names)
        {
            var frozen = parameters.Where(pair => IsIn(pair.name, name, classifier)).ToList();
            if (frozen.Count == 0) throw new InvalidOperationException(
                $"frozen has \"{name.OnOneLine().Shortened(60)}\", which is no layer of this network; its layers are "
                + $"{string.Join(", ", parameters.Select(pair => pair.name.Split('.')[0]).Distinct())}, and "
                + $"\"{Backbone}\" stands for all but the classifier.");
            foreach (var (_, parameter) in frozen) parameter.requires_grad = false;
            foreach (var (module, norm) in network.named_modules())
                if (norm is BatchNorm batchNorm && IsIn(module + ".", name, classifier)) batchNorm.IsFrozen = true;
        }
        if (parameters.TrueForAll(pair => !pair.parameter.requires_grad)) throw new InvalidOperationException(
            "frozen has all layers of this network: at least one must be trained.");
    }

    static bool IsIn(string name, string layer, string classifier) => layer == Backbone
        ? !name.StartsWith(classifier, StringComparison.Ordinal)
        : name == layer || name.StartsWith(layer + ".", StringComparison.Ordinal);
}
