package dev.serai.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides by content type and bytes whether a body is text. What is not text is shown in base64. */
public final class BodyText {
    private static final Pattern TEXT =
            Pattern.compile("(text/[^;]*|[^;]*[/+]xml|[^;]*[/+]json|application/x-www-form-urlencoded)\\s*(;.*)?");
    private static final Pattern JSON = Pattern.compile("[^;]*[/+]json\\s*(;.*)?");
    private static final Pattern CHARSET = Pattern.compile(";\\s*charset=\"?([^\\s\";]+)");

    private BodyText() {}

    /** The body in the character set of its type, by default UTF-8; null if it is not text. */
    public static @Nullable String of(@Nullable String contentType, byte[] body) {
        String type = normal(contentType);
        if (!TEXT.matcher(type).matches()) {
            return null;
        }
        try {
            Matcher charset = CHARSET.matcher(type);
            Charset named = charset.find() ? Charset.forName(charset.group(1)) : StandardCharsets.UTF_8;
            return named.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException | IllegalArgumentException e) {
            return null;
        }
    }

    public static boolean isJson(@Nullable String contentType) {
        return JSON.matcher(normal(contentType)).matches();
    }

    private static String normal(@Nullable String contentType) {
        return contentType == null ? "" : contentType.strip().toLowerCase(Locale.ROOT);
    }
}
