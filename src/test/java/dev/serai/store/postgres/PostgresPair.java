package dev.serai.store.postgres;

import static org.awaitility.Awaitility.await;

import dev.serai.support.Patience;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A primary and its synchronous standby. */
public final class PostgresPair implements AutoCloseable {
    private final Path primaryData;
    private final EmbeddedPostgres primary;
    private final EmbeddedPostgres standby;

    public PostgresPair(Path folder) throws IOException, InterruptedException, SQLException {
        primaryData = folder.resolve("primary");
        Path standbyData = folder.resolve("standby");
        builder(primaryData).start().close();
        copy(primaryData, standbyData);
        Files.createFile(standbyData.resolve("standby.signal"));
        primary = builder(primaryData).start();
        Files.writeString(
                standbyData.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 user=postgres port=%d'".formatted(primary.getPort()));
        standby = builder(standbyData).start();
        ask(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        ask(primary, "SELECT pg_reload_conf()");
        await().atMost(Patience.MAX).until(() -> ask(primary, "SELECT sync_state FROM pg_stat_replication")
                .equals(List.of("sync")));
    }

    private static EmbeddedPostgres.Builder builder(Path data) {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path one : (Iterable<Path>) all::iterator) {
                Files.copy(one, to.resolve(from.relativize(one)));
            }
        }
    }

    /** Both servers; a connection is made to that which can write. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + primary.getPort() + ",127.0.0.1:" + standby.getPort()
                + "/postgres?user=postgres&targetServerType=primary";
    }

    /** All of its processes end at once. */
    public void killPrimary() throws IOException, InterruptedException {
        String pid = Files.readAllLines(primaryData.resolve("postmaster.pid")).get(0);
        new ProcessBuilder("kill", "-QUIT", pid).start().waitFor();
    }

    public void promoteStandby() throws SQLException {
        ask(standby, "SELECT pg_promote()");
    }

    /** Returns the first column. */
    private static List<String> ask(EmbeddedPostgres server, String sql) throws SQLException {
        List<String> answer = new ArrayList<>();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        answer.add(rows.getString(1));
                    }
                }
            }
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        standby.close();
        primary.close();
    }
}
