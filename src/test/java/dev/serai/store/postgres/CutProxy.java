package dev.serai.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a node and its database, and cuts the connection that commits, before the server has it or before it answers. */
final class CutProxy implements AutoCloseable {
    enum Cut {
        NEVER,
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    private final ServerSocket listening;
    private final int serverPort;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile Cut cut = Cut.NEVER;
    private volatile boolean refusing;
    private volatile int accepted;

    CutProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many connections were made. */
    int accepted() {
        return accepted;
    }

    /** Cuts the next connection that commits, once. */
    void cutOnce(Cut next) {
        cut = next;
    }

    /** Closes all connections, and each new one. */
    void refuse(boolean now) {
        refusing = now;
        if (now) {
            open.forEach(CutProxy::close);
            open.clear();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                accepted++; // by this thread only
                if (refusing) {
                    close(client);
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                open.add(client);
                open.add(server);
                boolean[] silent = new boolean[1];
                thread(() -> copy(client, server, true, silent));
                thread(() -> copy(server, client, false, silent));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void copy(Socket from, Socket to, boolean toServer, boolean[] silent) {
        byte[] part = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                if (toServer && cut != Cut.NEVER && isCommit(part, read)) {
                    if (takeCut() == Cut.BEFORE_COMMIT) {
                        return;
                    }
                    silent[0] = true; // the server's answer is not passed on
                }
                if (!toServer && silent[0]) {
                    return;
                }
                out.write(part, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // The other side ended it.
        }
    }

    private Cut takeCut() {
        Cut now = cut;
        cut = Cut.NEVER;
        return now;
    }

    /** The rows of a transaction, the fence and the commit are sent at once. */
    private static boolean isCommit(byte[] part, int length) {
        return new String(part, 0, length, StandardCharsets.ISO_8859_1).contains("last_seq = $2");
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "cut-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(CutProxy::close);
    }
}
