package dev.serai.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** A peer that never ends its answer and sends it byte by byte, so that each byte comes before a pause looks like silence. */
public final class SlowPeer {
    private static final int PACE_MILLIS = 50;

    private SlowPeer() {}

    /**
     * Sends a byte at a time until the other side hangs up. The pace is the time that it waits for the other side to hang up;
     * a test does not depend on it, as long as it is shorter than the timeout that the test sets.
     */
    public static void dribble(Socket socket) throws IOException {
        socket.setSoTimeout(PACE_MILLIS);
        InputStream in = socket.getInputStream();
        byte[] request = new byte[8_192];
        boolean open = true;
        while (open) {
            socket.getOutputStream().write('x');
            try {
                open = in.read(request) >= 0;
            } catch (SocketTimeoutException e) {
                // the other side still waits
            }
        }
    }
}
