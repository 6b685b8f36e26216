package dev.serai.support;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends mutated requests to a server. The property {@code serai.fuzz.requests} says how many, {@code
 * serai.fuzz.seed} repeats a run.
 */
public final class RequestFuzz {
    /** Tests of signatures mutate in proportion to it. */
    public static final int REQUESTS = Integer.getInteger("serai.fuzz.requests", 100);

    private static final int SENDERS = 16;
    private static final int FAILURES_MAX = 10;
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    /** What the protocol has for methods and versions that a server does not know, for overload, and for a full disk. */
    private static final Set<Integer> EXPECTED = Set.of(501, 503, 505, 507);

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");
    private static final List<String> PIECES = List.of(
            "%",
            "%zz",
            "%00",
            "\u0000",
            "\r\n",
            "\n",
            " ",
            ":",
            ",",
            "/",
            "..",
            "//",
            "?",
            "&a=%",
            "#",
            "*",
            "{",
            "}",
            "[",
            "\"",
            "\\",
            "\u00ff",
            "\u0080",
            "Host: a b",
            "Host:",
            "Content-Length: 1",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Transfer-Encoding: chunked",
            "Content-Encoding: gzip",
            "Expect: 100-continue",
            "Connection: upgrade",
            "Upgrade: h2c",
            "HTTP/1.0",
            "HTTP/9.9",
            "CamelHttpUri: http://h/",
            "Content-Type: application/json; charset=utf8mb4",
            "1e999999999",
            "1e99999999950",
            "-999999999-01-01T00:00:00Z",
            "Range: bytes=0-",
            "a:\r\n".repeat(500),
            "[".repeat(900),
            "x".repeat(9_000));

    private final long seed = Long.getLong("serai.fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** What was answered with another status of 500 or more than one expects, with the request. */
    public List<String> failures(int port, List<String> requests) throws Exception {
        return failures(port, () -> mutated(requests.get(random.nextInt(requests.size()))));
    }

    /**
     * The same for requests that are sent as they are.
     *
     * @param requests makes the next one; called by one thread at a time
     */
    public List<String> failures(int port, Supplier<String> requests) throws Exception {
        List<String> failures = new CopyOnWriteArrayList<>();
        AtomicInteger left = new AtomicInteger(REQUESTS);
        Callable<Void> sender = () -> {
            while (left.getAndDecrement() > 0 && failures.size() < FAILURES_MAX) {
                String request;
                synchronized (this) {
                    request = requests.get();
                }
                Matcher status = STATUS.matcher(answer(port, request));
                while (status.find()) {
                    int code = Integer.parseInt(status.group(1));
                    if (code >= 500 && !EXPECTED.contains(code)) {
                        failures.add("seed " + seed + ": " + code + " to " + request);
                    }
                }
            }
            return null;
        };
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            for (Future<Void> sent : senders.invokeAll(Collections.nCopies(SENDERS, sender))) {
                sent.get();
            }
        } finally {
            senders.shutdownNow();
        }
        return failures;
    }

    public Random random() {
        return random;
    }

    /** The seed that repeats the run. */
    public long seed() {
        return seed;
    }

    /** The text with one to three mutations. */
    public String mutated(String request) {
        StringBuilder text = new StringBuilder(request);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(40))));
            }
            if (text.isEmpty()) {
                text.append(request);
            }
        }
        return text.toString();
    }

    /** All that comes until the server closes the connection, which it does soon after the last byte. */
    private static String answer(int port, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(Patience.MAX_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(ANSWER_BYTES_MAX), StandardCharsets.ISO_8859_1);
        } catch (SocketException cut) {
            return "";
        }
    }
}
