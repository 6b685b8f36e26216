package dev.serai.cli;

import dev.serai.cli.client.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        description = "Prints a script with which a shell completes commands, options and names of Kamelets.",
        footer = {
            "",
            "bash: source <(./serai completion bash), or write it to ~/.local/share/bash-completion/completions/serai",
            "zsh:  source <(./serai completion zsh), after compinit"
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells that there is a script for. One script serves both. */
    enum Shell {
        bash,
        zsh
    }

    private final PrintWriter out;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    CompletionCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("serai", Cli.commandLine(out, out));
        out.print(script.replaceFirst("\\R", "\n# For " + shell + ", printed by: serai completion " + shell + "\n"));
        out.flush();
        return ExitCode.DONE;
    }
}
