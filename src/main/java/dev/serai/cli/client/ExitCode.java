package dev.serai.cli.client;

/** The exit codes of commands. */
public final class ExitCode {
    public static final int DONE = 0;
    public static final int NO = 1;
    public static final int USAGE = 2;
    public static final int NO_NODE = 3;

    private ExitCode() {}
}
