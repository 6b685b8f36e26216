package dev.serai.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads Server-Sent Events from a local port, one after the other. */
public final class EventReader implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private final String status;

    private EventReader(Socket socket, BufferedReader in, String status) {
        this.socket = socket;
        this.in = in;
        this.status = status;
    }

    /** An event; its data is one line. */
    public record ReadEvent(String name, String data) {}

    /** Opens a stream; the answer's head has been read then. */
    public static EventReader open(int port, String path, String... headers) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(Patience.MAX_MILLIS);
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String status = in.readLine();
        String line = in.readLine();
        while (line != null && !line.isEmpty()) {
            line = in.readLine();
        }
        return new EventReader(socket, in, status);
    }

    /** The answer's first line. */
    public String status() {
        return status;
    }

    /** The next event with this name; null at the end of the stream. */
    public @Nullable ReadEvent next(String name) throws IOException {
        ReadEvent event = next();
        while (event != null && !event.name().equals(name)) {
            event = next();
        }
        return event;
    }

    /** The next event; null at the end of the stream. */
    public @Nullable ReadEvent next() throws IOException {
        String line = in.readLine();
        while (line != null && !line.startsWith("event: ")) {
            line = in.readLine(); // the sizes of chunks, comments
        }
        String data = line == null ? null : in.readLine();
        return data == null ? null : new ReadEvent(line.substring(7), data.substring("data: ".length()));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
