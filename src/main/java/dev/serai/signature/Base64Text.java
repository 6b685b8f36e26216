package dev.serai.signature;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads base64 from outside, whose errors would quote it. */
public final class Base64Text {

    private Base64Text() {}

    /** The bytes; null if the text is not base64. */
    public static byte @Nullable [] decode(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
