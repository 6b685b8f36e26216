package dev.serai.cli;

import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NameCandidates;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Prints a script with which a shell completes commands, options, and names of Kamelets, flows and targets.",
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
    public Integer call() throws IOException {
        String script = AutoComplete.bash("serai", Cli.commandLine(out, out));
        for (String kind : NameCandidates.KINDS) {
            script = script.replace("\"" + NameCandidates.mark(kind) + "\"", "$(_serai_names " + kind + ")");
        }
        out.print(script.replaceFirst("\\R", "\n# For " + shell + ", printed by: serai completion " + shell + "\n"));
        out.print(names());
        out.flush();
        return ExitCode.DONE;
    }

    /** The function that looks names up; functions are read whole, so it may follow those that call it. */
    private static String names() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(CompletionCommand.class.getResourceAsStream("completion.sh"), "completion.sh")) {
            return "\n" + new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
