package dev.serai.signature.generic;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Base64Text;
import dev.serai.signature.SchemeOptions;
import dev.serai.text.HttpText;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a sender writes an HMAC: which hash, how its bytes become text, what stands before them, and which text is signed.
 *
 * @param algorithm as Java names it
 * @param bytes how many the hash has
 * @param timeHeader the header with the signed time; null if none is signed
 * @param before what is signed before the body, with {@code {time}} for the header's text
 * @param after what is signed behind the body
 */
record HmacForm(
        String algorithm,
        int bytes,
        boolean isBase64,
        String prefix,
        @Nullable String timeHeader,
        String before,
        String after) {
    static final HmacForm DEFAULT = new HmacForm("HmacSHA256", 32, false, "sha256=", null, "", "");

    private static final Map<String, Integer> HASHES = Map.of("sha1", 20, "sha256", 32, "sha512", 64);
    private static final String BODY = "{body}";
    private static final String TIME = "{time}";
    private static final String NONE = "none";
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]+");

    /** Reads the options {@code algorithm, encoding, prefix, timeHeader, signed}. */
    static HmacForm of(SchemeOptions options) {
        String algorithm = options.optional("algorithm");
        String hash = algorithm == null
                ? "sha256"
                : algorithm.toLowerCase(Locale.ROOT).replace("-", "");
        Integer bytes = HASHES.get(hash);
        if (bytes == null) {
            throw new IllegalArgumentException("algorithm is sha1, sha256 or sha512");
        }
        String encoding = options.optional("encoding");
        if (encoding != null && !encoding.equals("hex") && !encoding.equals("base64")) {
            throw new IllegalArgumentException("encoding is hex or base64");
        }
        boolean isBase64 = "base64".equals(encoding);
        String named = options.optional("prefix");
        String prefix = named == null ? (isBase64 ? "" : hash + "=") : named.equals(NONE) ? "" : named;
        String timeHeader = options.optional("timeHeader", HmacForm::headerName);
        String written = options.optional("signed");
        String signed = written != null ? written : timeHeader == null ? BODY : TIME + "." + BODY;
        int body = signed.indexOf(BODY);
        if (body < 0 || (timeHeader != null) != signed.contains(TIME)) {
            throw new IllegalArgumentException("signed must hold {body}, and {time} if and only if timeHeader is set");
        }
        return new HmacForm(
                "HmacSHA" + hash.substring(3),
                bytes,
                isBase64,
                prefix,
                timeHeader,
                signed.substring(0, body),
                signed.substring(body + BODY.length()));
    }

    private static String headerName(String name) {
        if (!HttpText.isHeaderName(name)) {
            throw new IllegalArgumentException("is not a valid name of an HTTP header");
        }
        return name;
    }

    /** The bytes of a signature; null if it is not written in this form. */
    byte @Nullable [] read(String value) {
        if (!value.startsWith(prefix)) {
            return null;
        }
        String text = value.substring(prefix.length());
        if (isBase64) {
            byte[] read = Base64Text.decode(text);
            return read != null && read.length == bytes ? read : null;
        }
        return text.length() == 2 * bytes && HEX.matcher(text).matches()
                ? HexFormat.of().parseHex(text)
                : null;
    }

    String write(byte[] signature) {
        return prefix
                + (isBase64
                        ? Base64.getEncoder().encodeToString(signature)
                        : HexFormat.of().formatHex(signature));
    }

    /** What is signed, in parts. */
    byte[][] signed(String time, byte[] body) {
        return new byte[][] {
            before.replace(TIME, time).getBytes(UTF_8),
            body,
            after.replace(TIME, time).getBytes(UTF_8)
        };
    }

    /** In words, for an error. */
    @Override
    public String toString() {
        String digits = isBase64 ? "the base64 of " + bytes + " bytes" : 2 * bytes + " hexadecimal digits";
        return prefix.isEmpty() ? digits : "'" + prefix + "' and " + digits;
    }
}
