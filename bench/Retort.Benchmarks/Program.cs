using Retort.Benchmarks;

if (args is ["runtime"]) return RuntimeCalls.Run();                // its peer is ONNX Runtime itself
if (args is ["exports"]) return Exports.Run();                      // its peer is a file that PyTorch wrote
if (Peer.Missing() is { } reason)
{
    Console.Error.WriteLine($"SKIPPED: the peer is eager PyTorch, and {reason}. On Debian: apt-get install python3-torch libopenblas0-pthread");
    return 2;
}
switch (args)
{
    case ["steps", .. var only]: return Steps.Run(only);
    case ["mnist-run"]: return MnistRun.Run();
    case ["side-by-side"]: return SideBySide.Run();
    case ["file-reads"]: return FileReads.Run();
    case ["file-reads", var file]: return FileReads.Peak(file);
    default:
        Console.Error.WriteLine("usage: bench/run steps [NETWORK …] | mnist-run | side-by-side | file-reads | exports | runtime");
        return 1;
}
