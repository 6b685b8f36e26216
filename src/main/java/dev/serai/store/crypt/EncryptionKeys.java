package dev.serai.store.crypt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code serai.ledger.encryption.keys}. No message of it holds a key. */
final class EncryptionKeys {
    /** In the first place: new bodies are not encrypted. */
    private static final String NONE = "none";

    private static final String PROPERTY = "serai.ledger.encryption.keys";
    private static final String FILE = "file:";
    private static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9._-]{1,40}):(\\S+)");

    private final Map<String, EncryptionKey> keys = new LinkedHashMap<>();
    private boolean writesPlain;

    private EncryptionKeys() {}

    /**
     * Reads {@code ID:BASE64} entries, separated by commas or white space, or {@code file:} and the path of a file with such
     * entries.
     *
     * @throws IllegalArgumentException with what to do
     */
    static BodyCipher read(String text) {
        String entries = text.strip();
        if (entries.startsWith(FILE)) {
            entries = content(Path.of(entries.substring(FILE.length())));
            if (entries.isBlank()) {
                throw new IllegalArgumentException(PROPERTY + ": the file has no key; write ID:KEY, a line for each");
            }
        }
        if (entries.isBlank()) {
            return BodyCipher.NONE;
        }
        EncryptionKeys read = new EncryptionKeys();
        int number = 0;
        for (String entry : entries.strip().split("[,\\s]+")) {
            read.add(entry, ++number);
        }
        return new BodyCipher(
                read.writesPlain ? null : read.keys.values().iterator().next(), read.keys);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).replaceAll("(?m)^\\s*#.*$", "");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    PROPERTY + ": the file " + file + " does not exist or cannot be read", e);
        }
    }

    private void add(String entry, int number) {
        if (entry.equals(NONE) && number == 1) {
            writesPlain = true;
            return;
        }
        Matcher parts = ENTRY.matcher(entry);
        if (!parts.matches()) {
            throw new IllegalArgumentException(PROPERTY + ": entry " + number
                    + " must be an id of letters, digits, dots, hyphens and underscores, a colon, and the key");
        }
        byte[] secret;
        try {
            secret = Base64.getDecoder().decode(parts.group(2));
        } catch (IllegalArgumentException e) {
            secret = new byte[0];
        }
        if (secret.length != EncryptionKey.BYTES) {
            throw new IllegalArgumentException(PROPERTY + ": the key " + parts.group(1) + " must be "
                    + EncryptionKey.BYTES + " bytes in base64, as openssl rand -base64 32 makes them");
        }
        if (keys.put(parts.group(1), new EncryptionKey(parts.group(1), secret)) != null) {
            throw new IllegalArgumentException(PROPERTY + ": two keys are called " + parts.group(1));
        }
    }
}
