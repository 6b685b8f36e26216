package dev.serai.ledger.model;

/** What a change does to its record. */
public enum Operation {
    UPSERT,
    DELETE
}
