package dev.serai.ledger.cluster;

/** A shard belongs to another node now, so what this node knows about it is out of date. It ends the writer of the shard. */
public final class TakenOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TakenOverException(String message) {
        super(message);
    }
}
