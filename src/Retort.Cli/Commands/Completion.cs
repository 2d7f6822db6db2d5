using System.CommandLine;
using Retort.Cli.Grammar;

namespace Retort.Cli.Commands;

/// <summary><c>retort completion</c>: scripts that complete verbs and options in a shell by asking the tool.</summary>
static class Completion
{
    static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # retort: completes verbs, options and names; files otherwise.   eval "$(retort completion bash)"
            _retort() {
                local IFS=$'\n' found
                found=$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
                COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _retort retort ./retort

            """,
        ["zsh"] = """
            #compdef retort
            # retort: completes verbs, options and names; files otherwise.   source <(retort completion zsh)
            _retort() {
                local -a found
                local line="${(j: :)words[1,CURRENT]}"
                found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
                if [[ -n "${found[*]}" ]]; then compadd -a found; fi
                _files
            }
            compdef _retort retort ./retort

            """,
        ["fish"] = """
            # retort: completes verbs, options and names; files otherwise.   retort completion fish | source
            function __retort_complete
                set -l line (commandline -cp)
                set -l words (commandline -opc)
                $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c retort -a '(__retort_complete)'

            """,
        ["pwsh"] = """
            # retort: completes verbs, options and names.   retort completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName retort -ScriptBlock {
                param($word, $line, $cursor)
                & $line.CommandElements[0].Value "[suggest:$cursor]" "$line" 2>$null |
                    Where-Object { $_ -like "$word*" } |
                    ForEach-Object {
                        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                    }
            }

            """,
    };

    public static Command Command()
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell: bash, zsh, fish or pwsh." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !Scripts.ContainsKey(name))
                result.AddError($"SHELL must be one of {string.Join(", ", Scripts.Keys)}; it is \"{name}\".");
        });
        var command = new CommandWithExamples(
            "completion",
            "Prints a script that completes retort's verbs and options in a shell.",
            "eval \"$(retort completion bash)\"")
        {
            shell,
        };
        command.SetAction(result =>
        {
            var script = Scripts[result.GetRequiredValue(shell)];
            result.InvocationConfiguration.Output.Write(script.ReplaceLineEndings("\n"));
        });
        return command;
    }
}
