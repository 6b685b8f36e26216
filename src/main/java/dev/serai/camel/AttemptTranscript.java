package dev.serai.camel;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.Attempt.Transcript;
import dev.serai.text.BodyText;
import dev.serai.text.SecretNames;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What a sink sent and was answered in a delivery, for those who look at its failure. It is made when a delivery fails; until then a
 * sink notes at most where its bytes are.
 *
 * <p>Threads: as the exchange.
 */
public final class AttemptTranscript {
    /** Of a body so many bytes are kept. */
    public static final int BYTES_MAX = 2048;

    private static final String PROPERTY = "SeraiTranscript";
    private static final int LINE_CHARS_MAX = 500;

    private final TranscriptPart request;
    private @Nullable TranscriptPart answer;
    private final List<String> secrets;

    /** @param line the first line of the message; empty if it has none */
    private record TranscriptPart(String line, @Nullable String contentType, byte @Nullable [] body) {
        String text() {
            String first = line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + "…" : line;
            byte[] bytes = body == null ? new byte[0] : body;
            String shown = bytes.length == 0 ? "" : beginning(contentType, bytes);
            return first.isEmpty() || shown.isEmpty() ? first + shown : first + "\n\n" + shown;
        }
    }

    private AttemptTranscript(TranscriptPart request, List<String> secrets) {
        this.request = request;
        this.secrets = secrets;
    }

    /**
     * Notes what a delivery sends. The body must not change any more.
     *
     * @param line where to and how, maybe with secrets in its address
     * @param secrets what of the request must not be shown
     */
    public static void sent(
            Exchange exchange,
            String line,
            @Nullable String contentType,
            byte @Nullable [] body,
            List<String> secrets) {
        TranscriptPart request = new TranscriptPart(line, contentType, body);
        exchange.setProperty(PROPERTY, new AttemptTranscript(request, secrets));
    }

    /** Notes what the target answered. */
    public static void answered(Exchange exchange, String line, @Nullable String contentType, byte @Nullable [] body) {
        AttemptTranscript noted = exchange.getProperty(PROPERTY, AttemptTranscript.class);
        if (noted != null) {
            noted.answer = new TranscriptPart(line, contentType, body);
        }
    }

    /** The outcome of a delivery, with what is noted if it failed. */
    public static Outcome addTo(Outcome outcome, Exchange exchange) {
        Transcript transcript = outcome.error() == null ? null : of(exchange);
        return transcript == null ? outcome : outcome.with(transcript);
    }

    /** Forgets what is noted: it was delivered. */
    public static void forget(Exchange exchange) {
        exchange.removeProperty(PROPERTY);
    }

    /** What is noted, without secrets; null if nothing is. */
    public static @Nullable Transcript of(Exchange exchange) {
        AttemptTranscript noted = exchange.getProperty(PROPERTY, AttemptTranscript.class);
        if (noted == null) {
            return null;
        }
        TranscriptPart answered = noted.answer;
        return new Transcript(noted.shown(noted.request), answered == null ? null : noted.shown(answered));
    }

    private String shown(TranscriptPart part) {
        return SecretNames.masked(SecretNames.withoutUrlSecrets(part.text()), secrets);
    }

    private static String beginning(@Nullable String contentType, byte[] body) {
        String typed = BodyText.of(contentType, body);
        byte[] bytes = typed == null ? body : typed.getBytes(StandardCharsets.UTF_8);
        boolean isCut = bytes.length > BYTES_MAX;
        CharBuffer text = CharBuffer.allocate(BYTES_MAX);
        // A character that the limit cuts in two is left out; any other fault says that the bytes are not text.
        boolean isText = !StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, BYTES_MAX)), text, !isCut)
                .isError();
        String shown = text.flip().toString();
        return isText && shown.indexOf('\0') < 0
                ? shown + (isCut ? "…" : "")
                : "(" + body.length + " bytes that are not text)";
    }
}
