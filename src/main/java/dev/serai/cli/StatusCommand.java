package dev.serai.cli;

import dev.serai.cli.client.AdminClient;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeAnswer;
import dev.serai.cli.text.StatusText;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(description = "Shows what needs attention: targets, sources and the ledger, the worst first.")
final class StatusCommand implements Callable<Integer> {
    private static final int WATCH_SECONDS = 2;
    /** Moves the cursor to the top left and clears the terminal. */
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final PrintWriter out;

    @Mixin
    private final ClientArguments arguments = new ClientArguments();

    @Option(names = "--watch", description = "Show it again every 2 seconds, until Ctrl-C.")
    private boolean watch;

    StatusCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        AdminClient client = arguments.client();
        while (watch) {
            NodeAnswer answer = client.get("/api/status");
            out.print(Ansi.AUTO.enabled() ? CLEAR : "");
            show(answer);
            out.println();
            out.flush();
            TimeUnit.SECONDS.sleep(WATCH_SECONDS);
        }
        return show(client.get("/api/status"));
    }

    private int show(NodeAnswer answer) {
        if (arguments.json()) {
            out.println(answer.text());
        } else {
            new StatusText(answer.node(), Instant.now(), Ansi.AUTO).print(out);
        }
        return answer.node().path("ok").asBoolean() ? ExitCode.DONE : ExitCode.NO;
    }
}
