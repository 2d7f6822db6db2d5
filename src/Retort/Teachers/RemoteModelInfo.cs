namespace Retort.Teachers;

/// <summary>What a service says of its model.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Changes with every change of its outputs.</param>
/// <param name="Classes">The classes' names, in the order of the logits.</param>
/// <param name="Inputs">The inputs that it is sent.</param>
/// <param name="Outputs">The outputs that it can return: <c>logits</c>, <c>hidden_states.0</c>, …</param>
sealed record RemoteModelInfo(string Name, string Version, IReadOnlyList<string> Classes,
    IReadOnlyList<RemoteInput> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Whether its lists are whole: the JSON reader lets a null in a list pass.</summary>
    public bool IsWhole => !Classes.Contains(null!) && !Outputs.Contains(null!) && !Inputs.Contains(null!);
}

/// <summary>One input of a service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>float32</c>, <c>int64</c> or <c>bool</c>.</param>
/// <param name="Shape">The shape of one example; null for a size that may vary.</param>
sealed record RemoteInput(string Name, TensorType Type, IReadOnlyList<long?> Shape)
{
    /// <summary>Whether an input of the data is of this type and shape.</summary>
    public bool Fits(TensorSpec spec)
    {
        if (spec.Type != Type || spec.Axes.Count != Shape.Count) return false;
        return spec.Axes.Zip(Shape).All(pair => pair.Second is null || pair.First.Size == pair.Second);
    }

    /// <summary>As messages show an input of the data.</summary>
    public override string ToString()
    {
        var axes = Shape.Select(size => new TensorAxis("?", size));
        return new TensorSpec { Name = Name, Type = Type, Axes = [.. axes] }.ToString();
    }
}
