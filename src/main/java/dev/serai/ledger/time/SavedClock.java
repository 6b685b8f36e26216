package dev.serai.ledger.time;

/**
 * A ledger's clock as it is stored, in milliseconds.
 *
 * @param running how long the ledger has been open, over all starts
 * @param steady the {@link LedgerClock#steady steady time} at the save
 * @param wall the wall clock at the save
 */
public record SavedClock(long running, long steady, long wall) {}
