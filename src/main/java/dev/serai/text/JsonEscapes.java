package dev.serai.text;

/** Escapes in strings of JSON. */
final class JsonEscapes {
    private JsonEscapes() {}

    /** The text between the quotes of a string; what is no escape by RFC 8259 stands for its last character. */
    static String decoded(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder plain = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\' || i + 1 == raw.length()) {
                plain.append(c);
                continue;
            }
            char escape = raw.charAt(++i);
            if (escape == 'u'
                    && raw.substring(i + 1, Math.min(i + 5, raw.length())).matches("[0-9A-Fa-f]{4}")) {
                plain.append((char) Integer.parseInt(raw.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                int at = "bfnrt".indexOf(escape);
                plain.append(at < 0 ? escape : "\b\f\n\r\t".charAt(at));
            }
        }
        return plain.toString();
    }
}
