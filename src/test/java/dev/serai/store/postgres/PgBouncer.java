package dev.serai.store.postgres;

import static org.awaitility.Awaitility.await;

import dev.serai.support.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A PgBouncer that is installed on this machine, before the {@link TestServer}. */
final class PgBouncer implements AutoCloseable {
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin");

    private final int port;
    private final Process process;

    private PgBouncer(String program, String mode, Path folder) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path configuration =
                Files.writeString(folder.resolve("pgbouncer.ini"), """
                [databases]
                postgres = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                """.formatted(TestServer.port(), port, mode));
        Path log = folder.resolve("log");
        // It refuses to run as root.
        List<String> command = "root".equals(System.getProperty("user.name"))
                ? List.of(program, "-u", "nobody", configuration.toString())
                : List.of(program, configuration.toString());
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await().atMost(Patience.MAX)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(Files.readString(log));
                    }
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        return socket.isConnected();
                    }
                });
    }

    /** Skips the test if none is installed. */
    static PgBouncer start(String mode, Path folder) throws IOException {
        String program = Stream.concat(Stream.of(System.getenv("PATH").split(":")), FOLDERS.stream())
                .map(one -> Path.of(one, "pgbouncer"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(program != null, "no pgbouncer on this machine (Debian's package pgbouncer)");
        return new PgBouncer(program, mode, folder);
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
