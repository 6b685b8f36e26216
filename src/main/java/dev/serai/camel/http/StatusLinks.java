package dev.serai.camel.http;

import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Receipt;
import dev.serai.signature.HmacKey;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Serves the outcome of a change after sync mode timed out: {@code GET /status/FLOW/SEQUENCE/PROOF} on the flows' port.
 * The proof cannot be guessed, so a caller sees only its own changes.
 *
 * <p>Threads: safe.
 */
public final class StatusLinks {
    private static final int PROOF_BYTES = 16;

    private final HmacKey key;

    /** @param key a secret that stays the same after a restart, or earlier links become invalid */
    public StatusLinks(byte[] key) {
        this.key = new HmacKey(key);
    }

    public String path(Receipt receipt) {
        return "/status/" + receipt.flow() + "/" + receipt.sequence() + "/" + proof(receipt.flow(), receipt.sequence());
    }

    /** Serves the links on a router. */
    public void mount(Router router, Ledger ledger) {
        router.get("/status/:flow/:sequence/:proof").blockingHandler(context -> answer(context, ledger), false);
    }

    private void answer(RoutingContext context, Ledger ledger) {
        String flow = String.valueOf(context.pathParam("flow"));
        long sequence = sequence(String.valueOf(context.pathParam("sequence")));
        byte[] proof = bytes(String.valueOf(context.pathParam("proof")));
        boolean known = MessageDigest.isEqual(bytes(proof(flow, sequence)), proof);
        Optional<Entry> entry = known ? ledger.change(flow, sequence) : Optional.empty();
        HttpAnswer answer = entry.isEmpty()
                ? Problem.of(404, "There is no such change, or it is no longer kept.")
                        .answer()
                : answer(entry.get(), outcome(ledger.deliveries(entry.get())));
        context.vertx().runOnContext(back -> answer.send(context.response()));
    }

    private static HttpAnswer answer(Entry entry, String outcome) {
        JsonObject json = new JsonObject()
                .put("flow", entry.change().flow())
                .put("id", entry.change().id())
                .put("sequence", entry.sequence())
                .put("outcome", outcome);
        return new HttpAnswer(200, Map.of("Content-Type", "application/json"), bytes(json.encode()));
    }

    /** The worst outcome of all targets. */
    private static String outcome(List<Delivery> deliveries) {
        boolean filtered = !deliveries.isEmpty()
                && deliveries.stream().allMatch(delivery -> delivery.state() == DeliveryState.FILTERED);
        DeliveryState worst = filtered ? DeliveryState.FILTERED : DeliveryState.DELIVERED;
        for (Delivery delivery : deliveries) {
            DeliveryState state = delivery.state();
            if (state == DeliveryState.DEAD || state == DeliveryState.DISCARDED) {
                return "dead";
            }
            if (!state.isSettled()) {
                worst = DeliveryState.PENDING;
            } else if (state == DeliveryState.SUPERSEDED && worst == DeliveryState.DELIVERED) {
                worst = state;
            }
        }
        return worst.name().toLowerCase(Locale.ROOT);
    }

    private static long sequence(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private String proof(String flow, long sequence) {
        return HexFormat.of().formatHex(key.sign(bytes(flow + "/" + sequence)), 0, PROOF_BYTES);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
