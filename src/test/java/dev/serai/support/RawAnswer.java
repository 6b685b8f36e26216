package dev.serai.support;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The answer to one HTTP/1.1 request on a connection of its own, with headers that HTTP clients do not let a test choose.
 *
 * @param headers the status line and all headers
 */
public record RawAnswer(int status, List<String> headers, String body) {

    /** Sends a request without a body. */
    public static RawAnswer get(int port, String path, String... headers) throws IOException {
        return of(port, "GET", path, "", headers);
    }

    /** Sends a request from this machine, unless a header names another Host. */
    public static RawAnswer of(int port, String method, String path, String body, String... headers)
            throws IOException {
        List<String> all = List.of(headers);
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\n");
        if (all.stream().noneMatch(header -> header.startsWith("Host:"))) {
            request.append("Host: 127.0.0.1:").append(port).append("\r\n");
        }
        if (!method.equals("GET")) {
            request.append("Content-Length: ").append(body.length()).append("\r\n");
        }
        all.forEach(header -> request.append(header).append("\r\n"));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(Patience.MAX_MILLIS);
            socket.getOutputStream().write((request + "\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
            return parse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static RawAnswer parse(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        List<String> head = answer.substring(0, end).lines().toList();
        return new RawAnswer(Integer.parseInt(head.get(0).split(" ")[1]), head, answer.substring(end + 4));
    }

    public Optional<String> header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ": ";
        return headers.stream()
                .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
                .map(header -> header.substring(start.length()))
                .findFirst();
    }
}
