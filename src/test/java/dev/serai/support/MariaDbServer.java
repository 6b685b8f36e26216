package dev.serai.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real MariaDB that is installed on this machine, on a folder of its own. Its time zone is not UTC, and it is strict. */
public final class MariaDbServer implements AutoCloseable {
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/libexec");

    private final Process process;
    private final TcpRelay relay;

    private MariaDbServer(Path folder) throws Exception {
        Path data = folder.resolve("data");
        Path socket = folder.resolve("s");
        String user = System.getProperty("user.name");
        Process install = start(
                folder,
                find("mariadb-install-db"),
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--user=" + user,
                "--datadir=" + data);
        if (!install.waitFor(120, TimeUnit.SECONDS) || install.exitValue() != 0) {
            install.destroyForcibly();
            throw new IllegalStateException(Files.readString(folder.resolve("log")));
        }
        process = start(
                folder,
                find("mariadbd"),
                "--no-defaults",
                "--user=" + user,
                "--datadir=" + data,
                "--socket=" + socket,
                "--skip-networking",
                "--character-set-server=utf8mb4",
                "--default-time-zone=+05:30",
                "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=0",
                // No test looks at what is left after a loss of power.
                "--innodb-flush-method=nosync",
                "--innodb-doublewrite=0",
                "--debug-no-sync");
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // if a test run is stopped
        relay = new TcpRelay(UnixDomainSocketAddress.of(socket));
        await().atMost(Duration.ofSeconds(120))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .untilAsserted(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(Files.readString(folder.resolve("log")));
                    }
                    execute("SELECT 1");
                });
    }

    /** Skips the tests if no MariaDB is installed. */
    public static MariaDbServer start(Path folder) throws Exception {
        Assumptions.assumeTrue(
                find("mariadbd") != null && find("mariadb-install-db") != null,
                "no mariadbd on this machine: install MariaDB's server (Debian's package mariadb-server)");
        return new MariaDbServer(folder);
    }

    private static String find(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), FOLDERS.stream())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    private static Process start(Path folder, String... command) throws IOException {
        return new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    public String url(String database, String user) {
        return "jdbc:mariadb://127.0.0.1:" + relay.port() + "/" + database + "?user=" + user;
    }

    /** The connections pass through it. */
    public TcpRelay relay() {
        return relay;
    }

    /** As the administrator. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("", "root"));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws Exception {
        relay.close();
        process.destroy();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
