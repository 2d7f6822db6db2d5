using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>The parameters of a module as an <see cref="Optimizer"/> takes them.</summary>
public static class NamedParameters
{
    extension(Module module)
    {
        /// <summary>All parameters, each under its name in the state_dict behind a prefix.</summary>
        public IReadOnlyList<(string Name, Parameter Parameter)> ParametersWithNames(string prefix = "") =>
            [.. module.named_parameters().Select(pair => (prefix + pair.name, pair.parameter))];
    }
}
