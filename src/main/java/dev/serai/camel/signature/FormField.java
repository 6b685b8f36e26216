package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.QueryText;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The field of a form that holds the JSON, as {@code payload} in GitHub's forms.
 *
 * @param name null if forms are left as they are
 */
record FormField(@Nullable String name) {
    private static final String FORM = "application/x-www-form-urlencoded";

    /** Makes the field the message's body if the body is a form, else the body itself. */
    void open(Message message, byte[] body) throws SignatureException {
        String type = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        if (name == null
                || name.isBlank()
                || type == null
                || !type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            message.setBody(body);
            return;
        }
        String content = QueryText.value(new String(body, UTF_8), name);
        if (content == null) {
            throw new SignatureException(new Refusal(
                    RefusalReason.MALFORMED, "The form has not exactly one field " + name + ": send the JSON in it."));
        }
        message.setBody(content.getBytes(UTF_8));
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    }
}
