package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a form, decoded in the character set that the form names, and the text over which Alipay signs them:
 * {@code name=value} joined by {@code &}, sorted by name.
 *
 * <p>See: https://opendocs.alipay.com/common/02mse7
 */
final class AlipayForm {
    static final String SIGN = "sign";
    static final String SIGN_TYPE = "sign_type";

    /** The charsets that Alipay uses. GB2312 is read as GBK, which contains it and is often meant. */
    private static final Map<String, Charset> CHARSETS = Map.of(
            "UTF-8", UTF_8,
            "GBK", Charset.forName("GBK"),
            "GB2312", Charset.forName("GBK"),
            "GB18030", Charset.forName("GB18030"),
            "ISO-8859-1", ISO_8859_1);

    /** Names must not contain the separators of the signed text, otherwise other fields have the same signature. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

    private static final Pattern ANOTHER = Pattern.compile("&([A-Za-z0-9_.-]+)=");

    /** What is wrong with a form, fit for the sender's eyes. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        /** Continues a sentence that begins with "The body" or similar. */
        final String what;

        Unreadable(String what) {
            super(what);
            this.what = what;
        }
    }

    /** The bytes as they are signed, and what they say. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Value(byte[] bytes, String text) {}

    private final SortedMap<String, Value> fields;

    private AlipayForm(SortedMap<String, Value> fields) {
        this.fields = fields;
    }

    /** Reads the body of a form post. */
    static AlipayForm read(byte[] body) throws Unreadable {
        SortedMap<String, byte[]> raw = new TreeMap<>();
        int from = 0;
        while (from < body.length) {
            int to = indexOf(body, '&', from, body.length);
            if (to > from) {
                int equals = indexOf(body, '=', from, to);
                String name = new String(decode(body, from, equals), ISO_8859_1);
                if (!NAME.matcher(name).matches()) {
                    throw new Unreadable("has a field whose name is not only letters, digits and _ . -");
                }
                if (raw.put(name, decode(body, Math.min(equals + 1, to), to)) != null) {
                    throw new Unreadable("has a field more than once");
                }
            }
            from = to + 1;
        }
        return new AlipayForm(texts(raw, charset(raw.get("charset"))));
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    private static byte[] decode(byte[] form, int from, int to) throws Unreadable {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            if (form[i] == '%') {
                int high = i + 2 < to ? Character.digit(form[i + 1], 16) : -1;
                int low = i + 2 < to ? Character.digit(form[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new Unreadable("has a % without two hexadecimal digits after it");
                }
                plain.write(high << 4 | low);
                i += 2;
            } else {
                plain.write(form[i] == '+' ? ' ' : form[i]);
            }
        }
        return plain.toByteArray();
    }

    private static Charset charset(byte @Nullable [] named) throws Unreadable {
        if (named == null || named.length == 0) {
            return UTF_8;
        }
        Charset charset = CHARSETS.get(new String(named, US_ASCII).toUpperCase(Locale.ROOT));
        if (charset == null) {
            throw new Unreadable("has a charset other than UTF-8, GBK, GB2312, GB18030 and ISO-8859-1");
        }
        return charset;
    }

    private static SortedMap<String, Value> texts(SortedMap<String, byte[]> raw, Charset charset) throws Unreadable {
        SortedMap<String, Value> fields = new TreeMap<>();
        for (Map.Entry<String, byte[]> field : raw.entrySet()) {
            byte[] bytes = field.getValue();
            try {
                String text =
                        charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
                fields.put(field.getKey(), new Value(bytes, text));
            } catch (CharacterCodingException e) {
                throw new Unreadable("has bytes that are not valid in its charset");
            }
        }
        return fields;
    }

    /** The field's text; empty if there is no such field. */
    String text(String name) {
        Value value = fields.get(name);
        return value == null ? "" : value.text();
    }

    /** The form without its unsigned fields: the signature and, if the signer leaves them out, empty fields. */
    AlipayForm signed(boolean withEmpty) {
        SortedMap<String, Value> signed = new TreeMap<>(fields);
        signed.keySet().removeAll(Arrays.asList(SIGN, SIGN_TYPE));
        if (!withEmpty) {
            signed.values().removeIf(value -> value.bytes().length == 0);
        }
        return new AlipayForm(signed);
    }

    /** What is signed, as bytes of the form's own character set. */
    byte[] content() {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        fields.forEach((name, value) -> {
            content.writeBytes((content.size() == 0 ? name + "=" : "&" + name + "=").getBytes(US_ASCII));
            content.writeBytes(value.bytes());
        });
        return content.toByteArray();
    }

    /**
     * Whether other fields give the same signed text: a value contains text like a field that sorts between it and the next.
     * Such a form is refused, because anyone who has seen it could join two of its fields and so change its id.
     */
    boolean isAmbiguous() {
        Iterator<String> following = fields.keySet().iterator();
        String next = following.hasNext() ? following.next() : null;
        for (Map.Entry<String, Value> field : fields.entrySet()) {
            next = following.hasNext() ? following.next() : null;
            Matcher another = ANOTHER.matcher(field.getValue().text());
            while (another.find()) {
                String name = another.group(1);
                if (name.compareTo(field.getKey()) > 0 && (next == null || name.compareTo(next) < 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The fields' texts, sorted by name. */
    Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        fields.forEach((name, value) -> texts.put(name, value.text()));
        return texts;
    }
}
