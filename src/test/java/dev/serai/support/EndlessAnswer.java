package dev.serai.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that answers each request with a beginning and then with the same text again and again, up to 64 MB. */
public final class EndlessAnswer implements AutoCloseable {
    public static final long BYTES_MAX = 64L << 20;

    /** The endless part of the answer. */
    public enum Part {
        STATUS_LINE("HTTP/1.1 200 ", "aaaaaaaa"),
        EMPTY_LINES("", "\r\n"),
        HEADER_LINE("HTTP/1.1 200 OK\r\nA: ", "aaaaaaaa"),
        HEADERS("HTTP/1.1 200 OK\r\n", "A: a\r\n"),
        FOLDED_HEADER("HTTP/1.1 200 OK\r\nA: a\r\n", " aaaaaa\r\n"),
        CHUNK_EXTENSION("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=", "aaaaaaaa"),
        TRAILERS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "A: a\r\n"),
        TRAILER_LINE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: ", "aaaaaaaa"),
        CONTINUE("", "HTTP/1.1 100 Continue\r\n\r\n"),
        EARLY_HINTS("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        BODY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "8\r\naaaaaaaa\r\n");

        private final String begin;
        private final String again;

        Part(String begin, String again) {
            this.begin = begin;
            this.again = again;
        }
    }

    private final ServerSocket server;
    private final Part part;
    private long sent;
    private int ended;

    public EndlessAnswer(Part part) {
        this.part = part;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "endless-answer");
        thread.setDaemon(true);
        thread.start();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getLocalPort() + path;
    }

    /** Waits until the client has disconnected, and returns the number of bytes sent. */
    public synchronized long sent() throws InterruptedException {
        long end = System.nanoTime() + 120_000_000_000L;
        while (ended == 0 && System.nanoTime() < end) {
            wait(1_000);
        }
        if (ended == 0) {
            throw new AssertionError("the client did not go away");
        }
        return sent;
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer(socket);
            } catch (IOException e) {
                // the client disconnected, as expected
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        in.read(new byte[8_192]);
        OutputStream out = socket.getOutputStream();
        long count = 0;
        try {
            out.write(part.begin.getBytes(US_ASCII));
            byte[] block = part.again.repeat(500).getBytes(US_ASCII);
            while (count < BYTES_MAX) {
                out.write(block);
                count += block.length;
            }
        } finally {
            synchronized (this) {
                sent += count;
                ended++;
                notifyAll();
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
