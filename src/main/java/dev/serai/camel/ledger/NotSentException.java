package dev.serai.camel.ledger;

/** A change came back from its route before it was sent anywhere: nothing is recorded, it will be sent again. */
public final class NotSentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotSentException(String why) {
        super(why);
    }
}
