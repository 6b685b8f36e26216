package dev.serai.ledger;

/** What a change does to its record. */
public enum Operation {
    UPSERT,
    DELETE
}
