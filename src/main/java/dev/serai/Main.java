package dev.serai;

import dev.serai.cli.Invocation;
import dev.serai.log.Logging;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Entry point of the program. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // Always UTF-8, because a minimal container has no locale.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        // Named, so that SLF4J does not open every jar to look for it; and it need not say that it found it.
        System.setProperty("slf4j.provider", "org.slf4j.jul.JULServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "WARN");
        Logging.start();
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = Invocation.execute(out, err, args);
        Logging.flush();
        System.exit(exitCode);
    }
}
