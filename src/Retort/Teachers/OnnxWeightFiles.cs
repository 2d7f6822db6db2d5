using Retort.Runtime;

namespace Retort.Teachers;

/// <summary>
/// The files beside a graph that hold its weights. ONNX Runtime opens whatever a graph names, so a name that leads out
/// of the graph's folder, or to something else than a file in it, is refused before.
/// </summary>
static class OnnxWeightFiles
{
    /// <summary>Their paths, in order.</summary>
    /// <exception cref="InvalidDataException">
    /// The graph names a file that is not in its folder, that is missing, or that is a link or a device.
    /// </exception>
    public static IReadOnlyList<string> Of(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var file = InputFile.Open(path);
        IReadOnlyList<(string Tensor, string Location)> tensors;
        try
        {
            tensors = OnnxExternalData.Of(file, path);
        }
        catch (InvalidDataException)
        {
            return [];                                                     // ONNX Runtime says what is wrong with it
        }
        var locations = tensors.Select(tensor => tensor.Location).Distinct().ToList();
        return [.. locations.Select(location => Checked(path, folder, location)).Order(StringComparer.Ordinal)];
    }

    static string Checked(string path, string folder, string location)
    {
        var parts = location.Split('/', '\\');
        if (location.Length == 0 || location.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(location)
            || parts.Any(part => part is ".." or "*" or "") || location.Contains(':', StringComparison.Ordinal))
            throw Refused("names a file outside its folder");

        var file = folder;
        foreach (var part in parts.Where(part => part != "."))
        {
            file = Path.Combine(file, part);
            if (new FileInfo(file).LinkTarget is not null) throw Refused("names a link");
        }
        if (!File.Exists(file)) throw Refused("names a file that is not there");
        if (new FileInfo(file).Length == 0) throw Refused("names something that is empty or no file");

        InputFile.Check(file);
        return file;

        InvalidDataException Refused(string reason) => new(
            $"{path} keeps weights in another file, which must be a file in its folder; it {reason}: "
            + $"\"{RemoteClient.Shown(location)}\".");
    }
}
