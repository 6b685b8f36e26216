package dev.serai.camel;

/** A change came back from its route before it was sent anywhere: nothing is recorded, it will be sent again. */
final class NotSentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotSentException(String why) {
        super(why);
    }
}
