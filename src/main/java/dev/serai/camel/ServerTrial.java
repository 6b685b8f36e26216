package dev.serai.camel;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Tries whether a server takes connections, and with TLS whether its certificate is trusted; it sends nothing else. */
public final class ServerTrial {
    private static final int MILLIS_MAX = 5_000;

    private ServerTrial() {}

    /**
     * Connects once; the result is that of {@link LiveCheck#tryOut}.
     *
     * @param tls what makes its TLS connections; null for none
     */
    public static String of(String host, int port, @Nullable SSLSocketFactory tls) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), MILLIS_MAX);
            if (tls == null) {
                return "takes connections";
            }
            socket.setSoTimeout(MILLIS_MAX);
            shakeHands(socket, host, port, tls);
            return "takes connections, and its certificate is trusted";
        } catch (ConnectException e) {
            ConnectException named =
                    new ConnectException("cannot connect to " + host + ":" + port + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private static void shakeHands(Socket open, String host, int port, SSLSocketFactory tls) throws IOException {
        try (SSLSocket secured = (SSLSocket) tls.createSocket(open, host, port, false)) {
            SSLParameters checked = secured.getSSLParameters();
            checked.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(checked);
            secured.startHandshake();
        } catch (SocketTimeoutException e) {
            throw new SSLException("TLS handshake timed out", e);
        }
    }
}
