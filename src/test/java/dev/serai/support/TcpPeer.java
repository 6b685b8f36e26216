package dev.serai.support;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.netty.NettyEndpoint;

/** The other side of a {@code tcp-source}, on a plain socket. */
public final class TcpPeer implements AutoCloseable {
    private final Socket socket;
    private final boolean lines;
    private final DataInputStream in;
    private final DataOutputStream out;

    public TcpPeer(Socket socket, String framing) throws IOException {
        this.socket = socket;
        this.lines = framing.equals("line");
        socket.setSoTimeout(Patience.MAX_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    }

    public static TcpPeer connect(CamelContext context, String framing) throws IOException {
        return new TcpPeer(new Socket("127.0.0.1", port(context)), framing);
    }

    /** The port that the context's only {@code tcp-source} listens on. */
    public static int port(CamelContext context) {
        return channels(context)
                .filter(ServerChannel.class::isInstance)
                .map(channel -> ((InetSocketAddress) channel.localAddress()).getPort())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no tcp-source"));
    }

    /** Whether the context's {@code tcp-source} has taken this connection. */
    public boolean isTaken(CamelContext context) {
        return channels(context)
                .anyMatch(channel -> socket.getLocalSocketAddress().equals(channel.remoteAddress()));
    }

    private static Stream<Channel> channels(CamelContext context) {
        return context.getEndpoints().stream()
                .filter(NettyEndpoint.class::isInstance)
                .map(endpoint -> ((NettyEndpoint) endpoint).getConfiguration().getChannelGroup())
                .filter(Objects::nonNull) // a tcp-sink's endpoint has no channel group
                .flatMap(ChannelGroup::stream);
    }

    /** Sends a frame; it may stay in a buffer until {@link #flush}. */
    public void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (lines) {
            out.write(bytes);
            out.write('\n');
        } else {
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    public void flush() throws IOException {
        out.flush();
    }

    /** Sends the text without a frame, at once. */
    public void raw(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    public String ask(String text) throws IOException {
        send(text);
        flush();
        return read();
    }

    /** The next answer, or null if the connection ended. */
    public String read() throws IOException {
        if (!lines) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }
        return readLine(in);
    }

    /** The next line, or null if the connection ended. */
    public static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                return null;
            }
            line.append((char) c);
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    public void endOutput() throws IOException {
        flush();
        socket.shutdownOutput();
    }

    /** Ends the connection like a crashed machine. */
    public void reset() throws IOException {
        flush();
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
