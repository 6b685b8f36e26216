package dev.serai.store.postgres;

/** A shard belongs to another node now, so what this node knows about it is out of date. It ends the writer of the shard. */
final class TakenOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TakenOverException(String message) {
        super(message);
    }
}
