package dev.serai.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port on loopback that passes on bytes to a server and back, until its connections are cut. */
public final class TcpRelay implements AutoCloseable {
    private final ServerSocketChannel port = ServerSocketChannel.open();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** @param server a port or a Unix socket */
    public TcpRelay(SocketAddress server) throws IOException {
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        run(() -> {
            while (true) {
                SocketChannel client = port.accept();
                open.add(client);
                run(() -> connect(client, server));
            }
        });
    }

    /** A client is cut off if the server takes no connection, as it would be without the relay. */
    private void connect(SocketChannel client, SocketAddress server) throws IOException {
        try {
            SocketChannel other = SocketChannel.open(server);
            open.add(other);
            run(() -> pass(client, other));
            run(() -> pass(other, client));
        } catch (IOException e) {
            open.remove(client);
            client.close();
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                return; // one of the two ends is closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void pass(SocketChannel from, SocketChannel to) throws IOException {
        try (from;
                to) {
            ByteBuffer bytes = ByteBuffer.allocate(8_192);
            while (from.read(bytes.clear()) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    to.write(bytes);
                }
            }
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    public int port() {
        return port.socket().getLocalPort();
    }

    /** Ends all connections that are open now. */
    public void cut() throws IOException {
        for (SocketChannel connection : open) {
            connection.close();
        }
    }

    @Override
    public void close() throws IOException {
        port.close();
        cut();
    }
}
