package dev.serai.ledger.history;

import java.time.Instant;

/**
 * A target came into another state.
 *
 * @param at when it was noticed, up to a minute later
 * @param before the word of the state that it was in
 * @param state the word of the state that it is in
 */
public record StateChange(Instant at, String flow, String target, String before, String state) {}
