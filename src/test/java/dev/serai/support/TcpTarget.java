package dev.serai.support;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP target of the test, and the frames that it received. */
public final class TcpTarget implements AutoCloseable {

    /** Its reaction to a frame: it writes to the socket, closes it, or does nothing. */
    public interface Script {
        void got(String frame, Socket socket) throws IOException;
    }

    public final List<String> frames = new CopyOnWriteArrayList<>();
    public final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final boolean lines;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    public volatile Script script;
    /** Sent at the beginning of each connection. */
    public volatile String greeting = "";

    public TcpTarget(String framing, Script script) {
        this(plain(), framing, script);
    }

    public TcpTarget(ServerSocket server, String framing, Script script) {
        this.server = server;
        this.lines = framing.equals("line");
        this.script = script;
        threads.execute(this::accept);
    }

    private static ServerSocket plain() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public static void line(Socket socket, String text) throws IOException {
        socket.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    public static void length(Socket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        OutputStream out = socket.getOutputStream();
        out.write(new byte[] {0, 0, (byte) (bytes.length >> 8), (byte) bytes.length});
        out.write(bytes);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.getOutputStream().write(greeting.getBytes(StandardCharsets.UTF_8));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String frame;
            while ((frame = lines
                            ? TcpPeer.readLine(in)
                            : new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8))
                    != null) {
                frames.add(frame);
                script.got(frame, socket);
            }
        } catch (IOException e) {
            // the sink closed the connection
        }
    }

    /** Ends all connections, as a target does that restarts. */
    public void hangUp() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
    }

    @Override
    public void close() {
        try {
            server.close();
            hangUp();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}
