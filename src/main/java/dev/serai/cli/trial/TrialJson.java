package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.node.trial.MessageView;
import dev.serai.node.trial.TrialFailure;
import dev.serai.node.trial.TrialResult;
import dev.serai.node.trial.TriedChange;
import dev.serai.node.trial.TriedRequest;
import dev.serai.node.trial.TriedStep;
import dev.serai.text.SecretNames;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a route made of a message, as JSON. */
final class TrialJson {
    private TrialJson() {}

    static ObjectNode of(TrialResult result) {
        ObjectNode json = object();
        json.put("route", result.route().id()).put("place", result.route().place());
        ArrayNode steps = json.putArray("steps");
        result.steps().forEach(step -> steps.add(step(step)));
        ArrayNode changes = json.putArray("changes");
        result.changes().forEach(change -> changes.add(change(change)));
        ArrayNode requests = json.putArray("requests");
        result.requests().forEach(request -> requests.add(request(request)));
        json.put("filtered", result.filtered());
        json.set("failure", failure(result.failure()));
        return json;
    }

    private static ObjectNode step(TriedStep step) {
        ObjectNode json = object().put("depth", step.depth())
                .put("place", step.place())
                .put("id", step.id())
                .put("kind", step.kind())
                .put("text", step.text())
                .put("note", step.note())
                .put("error", step.error());
        MessageView after = step.after();
        if (after != null) {
            ObjectNode headers = json.putObject("headers");
            after.headers().forEach((name, value) -> {
                if (!value.equals(step.before().headers().get(name))) {
                    headers.put(name, value);
                }
            });
            ArrayNode removed = json.putArray("removedHeaders");
            step.before().headers().keySet().stream()
                    .filter(name -> !after.headers().containsKey(name))
                    .forEach(removed::add);
            if (!after.body().equals(step.before().body())) {
                json.set("body", after.body());
            }
        }
        return json;
    }

    /** Its fields have the names that expectations in a test have. */
    static ObjectNode change(TriedChange change) {
        ObjectNode json = object().put("flow", change.flow())
                .put("key", change.key())
                .put("id", change.id())
                .put("version", change.version())
                .put("operation", change.operation())
                .put("contentType", change.contentType());
        json.set("headers", headers(change.headers()));
        json.set("body", MessageView.json(change.body()));
        return json;
    }

    /** As {@link #change}. */
    static ObjectNode request(TriedRequest request) {
        ObjectNode json =
                object().put("method", request.method()).put("url", SecretNames.withoutUrlSecrets(request.address()));
        json.set("headers", headers(request.headers()));
        json.set("body", MessageView.json(request.body()));
        return json;
    }

    private static ObjectNode headers(Map<String, String> headers) {
        ObjectNode json = object();
        headers.forEach((name, value) -> json.put(name, SecretNames.isHeader(name) ? "***" : value));
        return json;
    }

    private static JsonNode failure(@Nullable TrialFailure failure) {
        return failure == null
                ? JsonNodeFactory.instance.nullNode()
                : object().put("reason", failure.reason())
                        .put("place", failure.place())
                        .put("status", failure.status())
                        .put("follows", failure.follows());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
