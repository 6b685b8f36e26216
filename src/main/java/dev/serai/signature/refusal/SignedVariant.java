package dev.serai.signature.refusal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.serai.signature.Base64Text;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a signed request may have been before something on the way changed it, each with the words for the log. */
final class SignedVariant {
    private static final List<String> PREFIXES =
            List.of("sha256=", "sha1=", "sha512=", "v0=", "v1=", "v1,", "Bearer ", "Basic ");
    private static final String BOM = "\uFEFF";

    private SignedVariant() {}

    /** What the text of a signature's header may have been. */
    static Map<String, String> ofHeader(String value) {
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("has quotes around its text", value.strip().replaceAll("^[\"']|[\"']$", ""));
        variants.put("has spaces in its text", value.replaceAll("\\s+", ""));
        variants.put("is in capital letters", value.toLowerCase(Locale.ROOT));
        for (String prefix : PREFIXES) {
            variants.put("lacks the prefix " + prefix.strip(), prefix + value);
        }
        int prefix = Math.max(value.indexOf('='), value.indexOf(',')) + 1;
        if (prefix > 0 && prefix < value.length()) {
            variants.put(
                    "has the prefix " + value.substring(0, Math.min(prefix, 16)) + ", which is not expected",
                    value.substring(prefix));
        }
        byte[] fromBase64 = Base64Text.decode(value.substring(prefix < value.length() ? prefix : 0));
        byte[] fromWhole = Base64Text.decode(value);
        for (byte[] bytes : new byte[][] {fromBase64, fromWhole}) {
            if (bytes != null) {
                variants.put(
                        "is base64, but hexadecimal digits are expected",
                        HexFormat.of().formatHex(bytes));
                variants.put(
                        "is base64, but sha256= and hexadecimal digits are expected",
                        "sha256=" + HexFormat.of().formatHex(bytes));
            }
        }
        String hex = value.substring(prefix);
        if (hex.length() % 2 == 0 && hex.matches("[0-9a-fA-F]+")) {
            variants.put(
                    "is in hexadecimal digits, but base64 is expected",
                    Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex)));
        }
        variants.values().removeIf(value::equals);
        return variants;
    }

    /** What a body may have been. */
    static Map<String, byte[]> ofBody(byte[] body) {
        Map<String, byte[]> variants = new LinkedHashMap<>();
        String text = new String(body, UTF_8);
        put(variants, "a line break at its end was added", text.replaceFirst("\\r?\\n$", ""));
        put(variants, "the line break at its end was removed", text + "\n");
        put(variants, "spaces around it were added", text.strip());
        put(variants, "line feeds became carriage returns and line feeds", text.replace("\r\n", "\n"));
        put(variants, "carriage returns before line feeds were removed", text.replaceAll("(?<!\r)\n", "\r\n"));
        put(variants, "a byte order mark was added", text.startsWith(BOM) ? text.substring(1) : text);
        put(variants, "the byte order mark was removed", BOM + text);
        put(variants, "it was HTML-escaped", unescaped(text));
        put(
                variants,
                "it was HTML-unescaped",
                text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
        put(variants, "the backslashes before slashes were removed", text.replace("/", "\\/"));
        put(variants, "backslashes were put before slashes", text.replace("\\/", "/"));
        put(variants, "in a form, + became %20", text.replace("%20", "+"));
        put(variants, "in a form, %20 became +", text.replace("+", "%20"));
        if (Charset.isSupported("GBK")) {
            variants.put("it was signed as GBK and converted to UTF-8", text.getBytes(Charset.forName("GBK")));
            variants.put(
                    "it was signed as UTF-8 and converted to GBK",
                    new String(body, Charset.forName("GBK")).getBytes(UTF_8));
        }
        variants.put("it was read as ISO-8859-1 and written as UTF-8", text.getBytes(ISO_8859_1));
        variants.put("it was read as UTF-8 and written as ISO-8859-1", new String(body, ISO_8859_1).getBytes(UTF_8));
        addJson(variants, body);
        variants.values().removeIf(variant -> Arrays.equals(variant, body));
        return variants;
    }

    private static void put(Map<String, byte[]> variants, String words, String text) {
        variants.put(words, text.getBytes(UTF_8));
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#34;", "\"")
                .replace("&#39;", "'")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
    }

    private static void addJson(Map<String, byte[]> variants, byte[] body) {
        try {
            JsonNode json = ExactJson.ONE_VALUE.readTree(body);
            if (json == null || !json.isContainerNode()) {
                return;
            }
            String compact = json.toString();
            String spaced = written(json, new Spaced());
            put(variants, "its JSON was written again; it was compact when it was signed", compact);
            put(
                    variants,
                    "its JSON was written again; it had spaces after commas and colons when it was signed",
                    spaced);
            put(variants, "its JSON was written again; it was indented when it was signed", written(json, indented()));
            put(variants, "its JSON was written again; it was compact and in ASCII when it was signed", ascii(compact));
            put(
                    variants,
                    "its JSON was written again; it had spaces and was in ASCII when it was signed",
                    ascii(spaced));
            put(variants, "its JSON was written again; its names were in order when it was signed", sorted(json));
        } catch (IOException e) {
            // It is not JSON, so nobody wrote it again.
        }
    }

    private static String written(JsonNode json, PrettyPrinter printer) throws JsonProcessingException {
        return ExactJson.MAPPER.writer(printer).writeValueAsString(json);
    }

    private static String sorted(JsonNode json) throws JsonProcessingException {
        Object value = ExactJson.MAPPER.treeToValue(json, Object.class);
        return ExactJson.MAPPER
                .writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .writeValueAsString(value);
    }

    private static PrettyPrinter indented() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        return new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
    }

    private static String ascii(String json) {
        StringBuilder ascii = new StringBuilder();
        for (char c : json.toCharArray()) {
            ascii.append(c < 128 ? String.valueOf(c) : "\\u" + HexFormat.of().toHexDigits(c));
        }
        return ascii.toString();
    }

    /** As Python writes JSON. */
    private static final class Spaced extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }
    }
}
