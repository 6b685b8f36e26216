package dev.serai.cli.flow;

import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FlowsAddress;
import dev.serai.cli.client.NameCandidates;
import dev.serai.cli.client.NodeArguments;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.RunOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = "Pushes a body to a flow's own source, signed as its sender signs.",
        footer = {
            "",
            "Give --routes, --config, --data and -p as to the node, since path and secret come from there. For WeChat Pay the",
            "file is what the notification holds (decrypted JSON), for Alipay a JSON object of its fields: both only with the",
            "sandbox's test keys."
        })
public final class SendCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final InputStream in;

    @Parameters(
            index = "0",
            paramLabel = "FLOW",
            completionCandidates = NameCandidates.Flows.class,
            description = "As in ledger:FLOW.")
    private String flow = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "The body; - for standard input.")
    private String file = "";

    @Option(names = "--header", paramLabel = "NAME:VALUE", description = "A header to send, repeatable.")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The node's flows port, or tcp://HOST:PORT of a TCP source. Default: as the properties say.")
    private @Nullable String url;

    @Option(names = "--count", paramLabel = "N", description = "Send it so many times. Default: 1.")
    private int count = 1;

    @Mixin
    private final NodeArguments arguments = new NodeArguments();

    /** @param in read for {@code -} */
    public SendCommand(PrintWriter out, InputStream in) {
        this.out = out;
        this.in = in;
    }

    @Override
    public Integer call() {
        if (count < 1) {
            throw new CliException(ExitCode.USAGE, "--count must be at least 1");
        }
        RunOptions options = arguments.options();
        Map<String, String> environment = System.getenv();
        byte[] body = body();
        List<PushSource> sources = new PushSourceFinder(options, environment).of(flow);
        PushSource source = sources.get(0);
        for (PushSource other : sources.subList(1, sources.size())) {
            out.println(TerminalText.clean("not to " + other.at() + ", which the flow has too"));
        }
        if (source.isTcp()) {
            try (TcpPush push = TcpPush.to(source, url)) {
                out.println(TerminalText.clean(push.toString()));
                return send(body, push::send);
            }
        }
        HttpPush push = new HttpPush(
                FlowsAddress.read(options, environment, url),
                source.path(),
                source.signer(),
                HttpPush.headers(headers));
        String scheme = source.scheme();
        out.println(TerminalText.clean(push + ", " + (scheme.equals("none") ? "not signed" : "signed as " + scheme)));
        return send(body, push::send);
    }

    private int send(byte[] body, Function<byte[], PushAnswer> push) {
        boolean accepted = true;
        for (int i = 0; i < count; i++) {
            PushAnswer answer = push.apply(body);
            accepted &= answer.accepted();
            String text = TerminalText.json(answer.body().strip());
            out.println(TerminalText.clean(answer.status() + (text.isEmpty() ? "" : " ")) + text);
        }
        return accepted ? ExitCode.DONE : ExitCode.NO;
    }

    private byte[] body() {
        try {
            return file.equals("-")
                    ? in.readAllBytes()
                    : Files.readAllBytes(CallerFolder.ofProcess().resolve(file));
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, file + ": cannot be read: " + e);
        }
    }
}
