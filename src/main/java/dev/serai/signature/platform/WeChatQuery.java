package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Digest;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of a push from WeChat with its signatures: SHA-1 over the sorted texts of token, timestamp, nonce, and
 * sometimes another.
 */
record WeChatQuery(Map<String, String> parameters) {
    static final String SIGNATURE = "signature";
    static final String MSG_SIGNATURE = "msg_signature";
    static final String TIMESTAMP = "timestamp";
    static final String NONCE = "nonce";
    static final String ECHO = "echostr";

    private static final Set<String> NAMES = Set.of(SIGNATURE, MSG_SIGNATURE, TIMESTAMP, NONCE, ECHO);
    private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

    /**
     * The texts are signed without separators, so only their fixed forms prevent moving characters from one to the
     * next.
     */
    private static final Pattern SECONDS = Pattern.compile("[0-9]{10}");

    private static final Pattern PLAIN = Pattern.compile("[0-9A-Za-z_-]{1,32}");

    /** Reads a query; null if it cannot be read in one way only. */
    static @Nullable WeChatQuery of(@Nullable String query) {
        Map<String, String> found = new HashMap<>();
        for (String part : query == null ? new String[0] : query.split("&")) {
            int equals = part.indexOf('=');
            try {
                String name = URLDecoder.decode(equals < 0 ? part : part.substring(0, equals), UTF_8);
                String value = equals < 0 ? "" : URLDecoder.decode(part.substring(equals + 1), UTF_8);
                if (NAMES.contains(name) && found.put(name, value) != null) {
                    return null;
                }
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return new WeChatQuery(found);
    }

    /** Empty if it is not there. */
    String value(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** Whether all that this signature takes is in WeChat's form. */
    boolean isInForm(String signature) {
        return SHA1.matcher(value(signature)).matches()
                && SECONDS.matcher(value(TIMESTAMP)).matches()
                && PLAIN.matcher(value(NONCE)).matches();
    }

    /** Whether this signature was made with one of the tokens. */
    boolean isSigned(Iterable<String> tokens, String signature, String... more) {
        byte[] given = value(signature).getBytes(US_ASCII);
        boolean signed = false;
        for (String token : tokens) {
            byte[] expected = sign(token, value(TIMESTAMP), value(NONCE), more).getBytes(US_ASCII);
            signed |= MessageDigest.isEqual(expected, given);
        }
        return signed;
    }

    /** The signature over these texts, in hexadecimal digits. */
    static String sign(String token, String timestamp, String nonce, String... more) {
        String[] texts = Arrays.copyOf(more, more.length + 3);
        texts[more.length] = token;
        texts[more.length + 1] = timestamp;
        texts[more.length + 2] = nonce;
        Arrays.sort(texts);
        return HexFormat.of().formatHex(Digest.sha1(String.join("", texts).getBytes(UTF_8)));
    }
}
