package dev.serai.cli.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One request of HTTP/1.1 and its answer, over a connection of its own. A command asks once or twice and ends; Java's client would
 * take longer to be loaded than the answer to come.
 *
 * <p>Threads: one thread.  <p>See: RFC 9112
 */
final class AdminCall {
    private static final int LINE_BYTES_MAX = 64 * 1024;
    private static final int LINES_MAX = 200;

    private final URI address;
    private final @Nullable SSLContext trust;
    private final long bytesMax;
    private final long deadlineNanos;
    private long bytes;

    /**
     * An answer.
     *
     * @param headers by name in lower case; of several with one name the last
     */
    record Answer(int status, Map<String, String> headers, String body) {}

    /**
     * A call that is not made yet.
     *
     * @param trust null for what Java trusts
     * @param bytesMax how long the answer's body may be
     * @param answerMax how long all of it may take, from now
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
     * @param headers besides Host, Content-Length and Connection
     * @throws SocketTimeoutException if there is a connection, and no complete answer in time
     * @throws IOException if there is none, or it is not HTTP
     */
    Answer send(String method, Map<String, String> headers, byte @Nullable [] body, Duration connectMax)
            throws IOException {
        try (Socket plain = connected(connectMax);
                Socket socket = address.getScheme().equals("https") ? secured(plain) : plain) {
            socket.getOutputStream().write(request(method, headers, body));
            InputStream in = new BufferedInputStream(new TimedInput(socket));
            int status = status(in);
            Map<String, String> answered = headers(in);
            while (status < 200) {
                status = status(in);
                answered = headers(in);
            }
            return new Answer(status, answered, new String(body(in, status, answered), StandardCharsets.UTF_8));
        }
    }

    private Socket connected(Duration max) throws IOException {
        int port =
                address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
        IOException first = null;
        for (InetAddress one : InetAddress.getAllByName(address.getHost())) {
            Socket socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(one, port), Math.toIntExact(max.toMillis()));
                return socket;
            } catch (SocketTimeoutException e) {
                socket.close();
                first = first == null ? new IOException("no connection within " + max.toSeconds() + " s", e) : first;
            } catch (IOException e) {
                socket.close();
                first = first == null ? e : first;
            }
        }
        throw first == null ? new IOException("the host has no address") : first;
    }

    private Socket secured(Socket plain) throws IOException {
        SSLSocketFactory factory =
                trust == null ? (SSLSocketFactory) SSLSocketFactory.getDefault() : trust.getSocketFactory();
        SSLSocket secured = (SSLSocket) factory.createSocket(plain, address.getHost(), plain.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        plain.setSoTimeout(leftMillis());
        secured.startHandshake();
        return secured;
    }

    private byte[] request(String method, Map<String, String> headers, byte @Nullable [] body) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Host", address.getRawAuthority());
        all.put("Connection", "close");
        all.putAll(headers);
        if (body != null) {
            all.put("Content-Length", String.valueOf(body.length));
        }
        String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        StringBuilder head = new StringBuilder(method + " " + path + query + " HTTP/1.1\r\n");
        all.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        if (body == null) {
            return first;
        }
        byte[] whole = new byte[first.length + body.length];
        System.arraycopy(first, 0, whole, 0, first.length);
        System.arraycopy(body, 0, whole, first.length, body.length);
        return whole;
    }

    private static int status(InputStream in) throws IOException {
        String line = line(in);
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("the answer is not HTTP");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (int i = 0; i < LINES_MAX; i++) {
            String line = line(in);
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        throw new IOException("the answer has too many headers");
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        int next = in.read();
        while (next != '\n') {
            if (next < 0 || line.size() == LINE_BYTES_MAX) {
                throw new EOFException(
                        next < 0
                                ? "the connection was closed before an answer"
                                : "the answer has a line without an end");
            }
            line.write(next);
            next = in.read();
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private byte[] body(InputStream in, int status, Map<String, String> headers) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            for (long size = chunk(in); size > 0; size = chunk(in)) {
                copy(in, body, size);
                line(in);
            }
            headers(in);
        } else if (headers.containsKey("content-length")) {
            copy(in, body, number(headers.get("content-length"), 10));
        } else {
            copy(in, body, -1);
        }
        return body.toByteArray();
    }

    private static long chunk(InputStream in) throws IOException {
        return number(line(in).split(";", 2)[0].strip(), 16);
    }

    private static long number(@Nullable String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(String.valueOf(text), radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IOException("the answer has no valid length");
    }

    /** @param size -1 for all up to the end */
    private void copy(InputStream in, ByteArrayOutputStream to, long size) throws IOException {
        byte[] part = new byte[8192];
        long left = size;
        while (left != 0) {
            int read = in.read(part, 0, left < 0 ? part.length : (int) Math.min(part.length, left));
            if (read < 0 && left < 0) {
                return;
            }
            if (read < 0) {
                throw new EOFException("the connection was closed in the middle of the answer");
            }
            bytes += read;
            if (bytes > bytesMax) {
                throw new IOException("the answer is longer than " + bytesMax + " bytes");
            }
            to.write(part, 0, read);
            left -= left < 0 ? 0 : read;
        }
    }

    private int leftMillis() throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("no complete answer in time");
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    /** What comes until the deadline. */
    private final class TimedInput extends InputStream {
        private final Socket socket;
        private final InputStream in;

        TimedInput(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int from, int length) throws IOException {
            socket.setSoTimeout(leftMillis());
            return in.read(to, from, length);
        }
    }
}
