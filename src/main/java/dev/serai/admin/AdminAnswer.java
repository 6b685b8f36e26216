package dev.serai.admin;

/**
 * The answer to an admin request.
 *
 * @param shape one of the records of {@link ApiJson}, or a list of them
 */
record AdminAnswer(int status, Object shape) {
    static AdminAnswer ok(Object shape) {
        return new AdminAnswer(200, shape);
    }
}
