namespace Retort.Tensors.Native;

/// <summary>Whether a GPU can be used.</summary>
/// <param name="Available">Whether libtorch finds a GPU and a driver.</param>
/// <param name="Devices">How many GPUs.</param>
/// <param name="Remark">What was found, in words.</param>
public sealed record CudaInfo(bool Available, int Devices, string Remark)
{
    internal static CudaInfo Detect(bool isLoaded)
    {
        if (!isLoaded) return new(false, 0, "not checked: libtorch does not load");
        if (NativeLoader.Files.All(file => file.Name != "torch_cuda"))
            return new(false, 0, "this libtorch was built for the CPU");
        return torch.cuda.is_available()
            ? new(true, torch.cuda.device_count(), "ready")
            : new(false, 0, "this libtorch was built for CUDA, but finds no GPU or no driver");
    }
}
