package dev.serai.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Hides fields of JSON in everything that people are shown: {@code ***} takes the place of each value whose path is one of the
 * configured ones. What is delivered, signed or stored never passes through it.
 *
 * <p>Text before and after JSON stays as it is, so an error that quotes an answer can be shown. Where JSON is cut off, all before the end is
 * masked; where it breaks, or is nested deeper than {@value MaskedText#DEPTH_MAX}, the rest is hidden.
 *
 * <p>Threads: safe.  <p>See: docs/secrets.md
 */
public final class BodyMask {
    /** Hides nothing. */
    public static final BodyMask NONE = new BodyMask(new MaskPaths(""));

    private final MaskPaths paths;

    private BodyMask(MaskPaths paths) {
        this.paths = paths;
    }

    /**
     * A mask for these fields.
     *
     * @param paths such as {@code $.card,$.items[*].phone}; null or blank for none
     * @throws IllegalArgumentException that names the path that cannot be read, and says why
     */
    public static BodyMask of(@Nullable String paths) {
        return paths == null || paths.isBlank() ? NONE : new BodyMask(new MaskPaths(paths));
    }

    public boolean isOn() {
        return !paths.isEmpty();
    }

    /** The text with masked fields, wherever JSON stands in it. */
    public String text(String text) {
        return isOn() && MaskedText.mayHoldJson(text) ? new MaskedText(paths, text, paths.start(), 0).masked() : text;
    }

    /**
     * The masked text of a body that is not text by its type, if it holds a field that is to be masked; null if it does not, and
     * can be shown as it is.
     */
    public @Nullable String ofBytes(byte[] body) {
        if (!isOn()) {
            return null;
        }
        String text = decoded(body);
        String masked = text(text);
        return masked.equals(text) ? null : masked;
    }

    /** UTF-16 is told by its zeros (RFC 4627, section 3). What is neither that nor UTF-8 keeps at least its ASCII. */
    private static String decoded(byte[] body) {
        Charset likely = StandardCharsets.UTF_8;
        if (body.length > 1 && (body[0] == 0 || body[1] == 0)) {
            likely = body[0] == 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
        }
        try {
            return likely.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }
}
