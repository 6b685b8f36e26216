package dev.serai.node;

import dev.serai.node.route.ConfigurationException;
import dev.serai.text.BodyMask;

/** Which fields of bodies are hidden wherever people look. */
public final class MaskSettings {
    static final String MASK = "serai.mask";

    private MaskSettings() {}

    /** Throws {@link ConfigurationException} if a path cannot be read. */
    public static BodyMask of(Settings settings) {
        try {
            return BodyMask.of(settings.optional(MASK));
        } catch (IllegalArgumentException e) {
            String place = settings.placeOfValue(MASK);
            throw new ConfigurationException((place == null ? "" : place + ": ") + MASK + ": " + e.getMessage(), e);
        }
    }
}
