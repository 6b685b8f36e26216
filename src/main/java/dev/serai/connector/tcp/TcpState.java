package dev.serai.connector.tcp;

/** The state of a {@link TcpSourceConnection}. */
enum TcpState {
    /** Frames are taken. */
    OPEN,
    /** No more frames are taken; those that were taken are answered. */
    ENDING,
    /** All is answered; what still arrives is thrown away. */
    LINGERING,
    CLOSED
}
