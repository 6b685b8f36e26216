package dev.serai.node.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.text.BodyMask;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hides the fields of {@code serai.mask} in what a trial shows.
 *
 * <p>Threads: safe.
 */
public final class TrialMask {
    private final BodyMask mask;

    TrialMask(BodyMask mask) {
        this.mask = mask;
    }

    /** The result as people are shown it. */
    public TrialResult of(TrialResult result) {
        if (!mask.isOn()) {
            return result;
        }
        TrialFailure failure = result.failure();
        return new TrialResult(
                result.route(),
                result.steps().stream().map(this::step).toList(),
                result.changes().stream().map(this::change).toList(),
                result.requests().stream().map(this::request).toList(),
                result.filtered(),
                failure == null
                        ? null
                        : new TrialFailure(
                                mask.text(failure.reason()), failure.place(), failure.status(), failure.follows()));
    }

    /** A body as people are shown it. */
    public byte[] of(byte[] body) {
        String masked = mask.ofBytes(body);
        return masked == null ? body : masked.getBytes(StandardCharsets.UTF_8);
    }

    private TriedStep step(TriedStep step) {
        MessageView after = step.after();
        return new TriedStep(
                step.depth(),
                step.place(),
                step.id(),
                step.kind(),
                step.text(),
                view(step.before()),
                after == null ? null : view(after),
                textOrNull(step.note()),
                textOrNull(step.error()));
    }

    private MessageView view(MessageView view) {
        return new MessageView(headers(view.headers()), body(view.body()));
    }

    private JsonNode body(JsonNode body) {
        if (body.isNull()) {
            return body;
        }
        if (body.isBinary()) {
            String masked = mask.ofBytes(((BinaryNode) body).binaryValue());
            return masked == null ? body : TextNode.valueOf(masked);
        }
        return body.isTextual()
                ? TextNode.valueOf(mask.text(body.textValue()))
                : MessageView.json(mask.text(body.toString()).getBytes(StandardCharsets.UTF_8));
    }

    private TriedChange change(TriedChange change) {
        return new TriedChange(
                change.flow(),
                change.id(),
                change.key(),
                change.version(),
                change.operation(),
                change.contentType(),
                headers(change.headers()),
                of(change.body()));
    }

    private TriedRequest request(TriedRequest request) {
        return new TriedRequest(request.method(), request.address(), headers(request.headers()), of(request.body()));
    }

    private Map<String, String> headers(Map<String, String> headers) {
        Map<String, String> shown = new LinkedHashMap<>();
        headers.forEach((name, value) -> shown.put(name, mask.text(value)));
        return shown;
    }

    private @Nullable String textOrNull(@Nullable String text) {
        return text == null ? null : mask.text(text);
    }
}
