package dev.serai.ledger.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One new state of one record, as a source reported it.
 *
 * <p>{@code id} identifies the change within its flow, {@code key} the record. The version, if any, orders the states of
 * the key. The body is not copied: the caller must not change it after handing it over.
 *
 * @param flow the stream of changes it belongs to
 * @param headers names and values that are passed on to targets, in order; never secrets
 */
public record Change(
        String flow,
        String id,
        String key,
        @Nullable String version,
        Operation operation,
        @Nullable String contentType,
        Map<String, String> headers,
        byte[] body) {}
