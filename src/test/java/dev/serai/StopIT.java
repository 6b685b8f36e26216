package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.Patience;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real process is told to stop under load while three of its targets hang. */
@Tag("long")
class StopIT {
    private static final int KEYS = 8;

    @TempDir
    Path folder;

    @Test
    void toldToStopWhileThreeTargetsHangItWaitsOnceForAllAndLosesNothing() throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP + hanging());
        try (RecordingTarget target = new RecordingTarget(1);
                HangingTarget hanging = new HangingTarget()) {
            Map<String, String> properties = Map.of("target.url", target.url(), "hanging.url", hanging.url());
            SeraiProcess serai = SeraiProcess.run(folder, routes, properties);
            LoadSource source = new LoadSource(hook(serai), KEYS);
            source.start();
            List<Thread> peers = new ArrayList<>();
            List<String> cut = new CopyOnWriteArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                peers.add(peer(URI.create(serai.flowsUrl()), "peer" + i, cut));
            }
            try {
                peers.forEach(Thread::start);
                // A target that has taken no change yet leaves a quarter of its four deliveries free.
                Awaitility.await().until(() -> target.firsts().size() > 100 && hanging.connections() == 3 * 3);
                long before = System.nanoTime();
                assertThat(serai.terminate()).as(serai.output()).isZero();
                System.out.println("StopIT: stopped in "
                        + Duration.ofNanos(System.nanoTime() - before).toMillis() + " ms");
                String output = serai.output();
                assertThat(output.lines().filter(line -> line.contains("still busy at the end of its time to stop")))
                        .hasSize(3);
                assertThat(output).contains("peers/slow1", "peers/slow2", "peers/slow3");
                assertThat(output).contains("Nothing is left from before", "because a signal came", "delivered ");
                assertThat(output).doesNotContain("is down, its changes wait", "was not saved");
                for (Thread peer : peers) {
                    peer.join(Patience.MAX_MILLIS);
                }
                assertThat(cut).as("answers that were cut").isEmpty();

                source.sendTo(null);
                hanging.close();
                serai = SeraiProcess.run(folder, routes, properties);
                source.sendTo(hook(serai));
                source.stop();
                LoadOracle.expectAllDelivered(source, target);
            } finally {
                source.stop();
                serai.close();
            }
        }
    }

    private static String hanging() {
        StringBuilder routes = new StringBuilder("""
                - route:
                    id: peers-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/peers }
                      steps:
                        - to: { uri: "ledger:peers", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
                """);
        for (int i = 1; i <= 3; i++) {
            routes.append("""
                    - route:
                        id: slow%d
                        from:
                          uri: ledger:peers
                          parameters: { target: slow%d, concurrency: 4 }
                          steps:
                            - to: { uri: "kamelet:http-sink", parameters: { url: "{{hanging.url}}/peers", timeout: 10m } }
                    """.formatted(i, i));
        }
        return routes.toString();
    }

    private static String hook(SeraiProcess serai) {
        return serai.flowsUrl() + "/hooks/orders";
    }

    /**
     * Sends on one connection until that ends, and then on others until none is taken; notes answers that end in their middle,
     * and connections that end without an answer although the one before did not announce it.
     */
    private static Thread peer(URI flows, String key, List<String> cut) {
        return new Thread(() -> {
            int n = 0;
            boolean open = true;
            while (open) {
                try (Socket socket = new Socket(flows.getHost(), flows.getPort())) {
                    socket.setSoTimeout((int) Patience.MAX_MILLIS);
                    boolean more = true;
                    while (more) {
                        n++;
                        more = exchange(socket, key, n, cut);
                    }
                } catch (IOException e) {
                    open = false;
                }
            }
        });
    }

    /** Says whether the connection may be used again; throws if the request got no byte of an answer. */
    private static boolean exchange(Socket socket, String key, int n, List<String> cut) throws IOException {
        String body = "{\"id\":\"" + key + "-" + n + "\",\"key\":\"" + key + "\"}";
        String request = "POST /hooks/peers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            byte[] part = new byte[8192];
            while (!isWhole(answer.toString(StandardCharsets.US_ASCII))) {
                int read = in.read(part);
                if (read < 0) {
                    throw new IOException("ended");
                }
                answer.write(part, 0, read);
            }
        } catch (IOException e) {
            if (answer.size() > 0) {
                cut.add(answer + " " + e);
            }
            throw e;
        }
        String text = answer.toString(StandardCharsets.US_ASCII);
        boolean close = text.toLowerCase(Locale.ROOT).contains("connection: close");
        if (text.startsWith("HTTP/1.1 503") && !close) {
            cut.add("503 without the end of the connection: " + text);
        }
        if (close && socket.getInputStream().read() >= 0) {
            cut.add("more after the last answer");
        }
        return !close;
    }

    private static boolean isWhole(String answer) {
        int head = answer.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        for (String line : answer.substring(0, head).split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                int length =
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
                return answer.length() >= head + 4 + length;
            }
        }
        return false;
    }

    /** Takes every connection and never answers. */
    private static final class HangingTarget implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        private final List<Socket> taken = new CopyOnWriteArrayList<>();

        HangingTarget() throws IOException {
            Thread thread = new Thread(this::take, "hanging");
            thread.setDaemon(true);
            thread.start();
        }

        private void take() {
            try {
                while (true) {
                    taken.add(server.accept());
                }
            } catch (IOException e) {
                // closed
            }
        }

        String url() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        int connections() {
            return taken.size();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }
}
