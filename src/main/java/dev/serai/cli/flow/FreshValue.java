package dev.serai.cli.flow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;

/** The values that each new flow gets of its own: secrets, and ports that nobody uses. */
final class FreshValue {
    private static final String SECRET = "<random>";
    /** Such as an EncodingAESKey: 32 bytes in base64 without its last sign, letters and digits alone. */
    private static final String AES_KEY = "<random43>";

    private static final int PORT_MAX = 65_535;
    private static final SecureRandom RANDOM = new SecureRandom();

    private FreshValue() {}

    /**
     * The value for a property.
     *
     * @param written what the example has
     * @param taken the values that other properties have
     */
    static String of(String name, String written, Collection<String> taken) {
        if (written.equals(SECRET)) {
            return HexFormat.of().formatHex(random(16));
        }
        if (written.equals(AES_KEY)) {
            String text = Base64.getEncoder().withoutPadding().encodeToString(random(32));
            return text.replace('+', 'A').replace('/', 'B');
        }
        return name.endsWith(".port") ? String.valueOf(freePort(Integer.parseInt(written), taken)) : written;
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static int freePort(int from, Collection<String> taken) {
        int port = from;
        while (port < PORT_MAX && (taken.contains(String.valueOf(port)) || !isFree(port))) {
            port++;
        }
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
