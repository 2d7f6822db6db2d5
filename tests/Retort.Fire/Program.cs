using Retort.Fire;
using Retort.Runs;

return args switch
{
    ["kills", .. var rest] => Kills.Run(rest),
    ["mutants", .. var rest] => Mutants.Run(rest),
    [Retort.Fire.Damage.Worker.Verb, ..] => Mutants.Run(args),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        tests/fire kills   [--count 300]    [--seed 1] [--log FILE]
            kills training, caching and export at random moments
        tests/fire mutants [--count 100000] [--seed 1] [--log FILE] [--only READER]
            hands damaged files to every reader
        """);
    return 1;
}
