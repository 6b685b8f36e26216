package dev.serai.cli.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. A command asks once or twice and ends, and Java's newer client would take longer to be loaded than the
 * answer to come.
 *
 * <p>Threads: one thread.
 */
final class AdminCall {
    private static final int PART_BYTES = 8192;

    static {
        // Else it sends a request again on its own if there is no answer, which may do twice what was asked.
        System.setProperty("sun.net.http.retryPost", "false");
        // Else the next call may get the connection of this one, which the node is about to close.
        System.setProperty("http.keepAlive", "false");
    }

    private final URI address;
    private final @Nullable SSLContext trust;
    private final long bytesMax;
    private final long deadlineNanos;

    /**
     * An answer.
     *
     * @param headers by name in lower case; of several with one name the last
     */
    record CallAnswer(int status, Map<String, String> headers, String body) {}

    /**
     * A call that is not made yet.
     *
     * @param trust null for what Java trusts
     * @param bytesMax how long the answer's body may be
     * @param answerMax how long the answer may take, from now
     */
    AdminCall(URI address, @Nullable SSLContext trust, long bytesMax, Duration answerMax) {
        this.address = address;
        this.trust = trust;
        this.bytesMax = bytesMax;
        this.deadlineNanos = System.nanoTime() + answerMax.toNanos();
    }

    /**
     * Sends and waits.
     *
     * @throws SocketTimeoutException if there is a connection, and no complete answer in time
     * @throws IOException if there is none, or it is not HTTP
     */
    CallAnswer send(String method, Map<String, String> headers, byte @Nullable [] body, Duration connectMax)
            throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setRequestMethod(method);
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestProperty("Accept", "application/json");
            headers.forEach(connection::setRequestProperty);
            connection.setConnectTimeout(Math.toIntExact(connectMax.toMillis()));
            connection.setReadTimeout(leftMillis());
            connection.setDoOutput(body != null);
            if (trust != null && connection instanceof HttpsURLConnection secured) {
                secured.setSSLSocketFactory(trust.getSocketFactory());
            }
            connect(connection, connectMax);
            if (body != null) {
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = connection.getResponseCode();
            if (status < 0) {
                throw new IOException("the answer is not HTTP");
            }
            return new CallAnswer(status, headers(connection), new String(body(connection), StandardCharsets.UTF_8));
        } finally {
            connection.disconnect();
        }
    }

    private static void connect(HttpURLConnection connection, Duration max) throws IOException {
        try {
            connection.connect();
        } catch (SocketTimeoutException e) {
            throw new IOException("no connection within " + max.toSeconds() + " s", e);
        }
    }

    private static Map<String, String> headers(HttpURLConnection connection) {
        Map<String, String> headers = new TreeMap<>();
        connection.getHeaderFields().forEach((name, values) -> {
            if (name != null) { // the status line has none
                headers.put(name.toLowerCase(Locale.ROOT), values.get(0));
            }
        });
        return headers;
    }

    private byte[] body(HttpURLConnection connection) throws IOException {
        InputStream failed = connection.getErrorStream();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (InputStream in =
                failed != null || connection.getResponseCode() >= 400 ? failed : connection.getInputStream()) {
            byte[] part = new byte[PART_BYTES];
            for (int read = in == null ? -1 : in.read(part); in != null && read >= 0; read = in.read(part)) {
                body.write(part, 0, read);
                if (body.size() > bytesMax) {
                    throw new IOException("the answer is longer than " + bytesMax + " bytes");
                }
                leftMillis();
            }
        }
        return body.toByteArray();
    }

    private int leftMillis() throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("no complete answer in time");
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }
}
