package dev.serai.node.live;

import dev.serai.text.LogText;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says what is wrong and what to do, from an exception. */
final class Mend {
    private Mend() {}

    static String of(Throwable failure) {
        String mend = null;
        Throwable deepest = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            mend = mend == null ? mend(cause) : mend;
            deepest = cause.getMessage() == null ? deepest : cause;
        }
        String text = text(failure);
        if (!text.contains(text(deepest))) { // a wrapper like Spring's does not say what happened
            text += ": " + text(deepest);
        }
        return mend == null ? text : text + "; " + mend;
    }

    /** The message alone where it is a sentence; a bare name of a host or of a field needs the class. */
    private static String text(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof UnknownHostException && message != null && !message.contains(" ")) {
            return "the host " + LogText.of(message) + " is not known";
        }
        return message == null || !message.contains(" ") ? LogText.of(failure) : LogText.of(message);
    }

    private static @Nullable String mend(Throwable cause) {
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "check the spelling of the host, and the name service of this machine";
        }
        if (cause instanceof NoRouteToHostException) {
            return "check the network, and whether a firewall is between";
        }
        if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
            return "check host and port, and whether a firewall drops the connection";
        }
        if (cause instanceof ConnectException) {
            return String.valueOf(cause.getMessage()).contains("not within")
                    ? "check host and port, and whether a firewall drops the connection"
                    : "nothing listens there: check host and port, and whether the service runs";
        }
        if (cause instanceof CertificateExpiredException) {
            return "the certificate is over: its owner has to renew it";
        }
        if (cause instanceof CertificateException || cause instanceof SSLException) {
            return ofTls(String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT));
        }
        if (cause.getClass().getSimpleName().equals("CannotGetJdbcConnectionException")) {
            return "check the address, the user name and the password of the data source";
        }
        return null;
    }

    private static @Nullable String ofTls(String message) {
        if (message.contains("unable to find valid certification path") || message.contains("pkix")) {
            return "its certificate is not signed by an authority that this machine trusts: set trustedCertificates";
        }
        if (message.contains("subject alternative") || message.contains("no name matching")) {
            return "its certificate is for another host: use the name that is in the certificate";
        }
        if (message.contains("not an ssl/tls record")
                || message.contains("unsupported or unrecognized ssl message")
                || message.contains("handshake timed out")) {
            return "no TLS is spoken at this port: use http:// (or tls: false), or the port for TLS";
        }
        if (message.contains("certificate_required") || message.contains("bad_certificate")) {
            return "a client certificate is wanted: set keyStore and keyPassword";
        }
        return null;
    }
}
