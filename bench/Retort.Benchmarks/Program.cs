using Retort.Benchmarks;

if (args is ["cache"]) return CacheCost.Run();                           // compares Retort with itself
if (args is ["runtime"]) return RuntimeCalls.Run();                      // compares with ONNX Runtime
if (args is ["tokenizer"]) return TokenizerCalls.Run();
if (args is ["exports"]) return Exports.Run();                           // compares with a file that PyTorch wrote
if (args is ["knowledge"]) return KnowledgeSearch.Run();                 // compares with a sum over the same memory
if (args is ["retrieval"]) return RetrievalLatency.Run();                // compares with the student's own time
if (PythonProcess.WhyMissing() is { } reason)
{
    Console.Error.WriteLine(
        $"SKIPPED: this benchmark compares with eager PyTorch, and {reason}. "
        + "On Debian: apt-get install python3-torch libopenblas0-pthread");
    return 2;
}
switch (args)
{
    case ["steps", .. var networks]:
        return Steps.Run(networks);
    case ["encoder"]:
        return EncoderSteps.Run();
    case ["mnist-run"]:
        return MnistRun.Run();
    case ["side-by-side"]:
        return SideBySide.Run();
    case ["file-reads"]:
        return FileReads.Run();
    case ["file-reads", var file]:
        return FileReads.PrintPeak(file);
    default:
        Console.Error.WriteLine(
            "usage: bench/run steps [NETWORK …] | encoder | mnist-run | side-by-side | file-reads | cache | exports "
            + "| runtime | tokenizer | knowledge | retrieval");
        return 1;
}
