package dev.serai.store.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;

/**
 * The tables that nodes share, in SQLite in memory and with a clock of the test's, behind connections that take the statements of
 * PostgreSQL: those of this package run as they are, but for a few words that SQLite writes otherwise. Each statement is a
 * transaction.
 *
 * <p>Threads: one thread.
 */
public final class SimulatedServer implements AutoCloseable {
    private static final String SCHEMA = "ledger";

    private final Connection sqlite;
    private final LongSupplier clock;
    private final BooleanSupplier endsConnections;
    private final List<Open> connections = new ArrayList<>();

    /** What lies between a node and the server. */
    public interface ServerLine {
        /** Throws if the server cannot be reached. */
        void call(String statement) throws SQLException;

        /** Throws if the answer is lost. */
        void answer(String statement) throws SQLException;
    }

    /** A row of the table {@code shard}; {@code until} is a time of the server. */
    public record ShardRow(@Nullable String owner, long epoch, long untilMillis) {}

    /**
     * @param clock of the server, in milliseconds
     * @param endsConnections whether a node can end the connections of others, each time; it may not have the right to, or be late
     */
    public SimulatedServer(int shards, LongSupplier clock, BooleanSupplier endsConnections) {
        this.endsConnections = endsConnections;
        this.clock = clock;
        try {
            sqlite = DriverManager.getConnection("jdbc:sqlite::memory:");
            Function.create(sqlite, "clock_timestamp", new Function() {
                @Override
                protected void xFunc() throws SQLException {
                    result(clock.getAsLong());
                }
            });
            Function.create(sqlite, "end_connections", new Function() {
                @Override
                protected void xFunc() throws SQLException {
                    if (endsConnections.getAsBoolean()) {
                        endConnections(value_text(0));
                    }
                    result(1);
                }
            });
            try (Statement make = sqlite.createStatement()) {
                make.execute("CREATE TABLE shard (id INTEGER PRIMARY KEY, owner TEXT, owner_name TEXT,"
                        + " epoch INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL DEFAULT -1,"
                        + " last_seq INTEGER NOT NULL DEFAULT 0)");
                make.execute("CREATE TABLE node (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, address TEXT NOT NULL,"
                        + " until INTEGER NOT NULL)");
                for (int shard = 0; shard < shards; shard++) {
                    make.execute("INSERT INTO shard (id) VALUES (" + shard + ")");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static PostgresAddress address() {
        return new PostgresAddress("jdbc:postgresql://simulated/serai", null, null, SCHEMA);
    }

    /** What is stored of a shard. */
    public ShardRow row(int shard) {
        try (Statement ask = sqlite.createStatement();
                ResultSet row = ask.executeQuery("SELECT owner, epoch, until FROM shard WHERE id = " + shard)) {
            row.next();
            return new ShardRow(row.getString("owner"), row.getLong("epoch"), row.getLong("until"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a node has the lease of a shard now. */
    public boolean isLeased(int shard, String node) {
        ShardRow row = row(shard);
        return node.equals(row.owner()) && row.untilMillis() >= clock.getAsLong();
    }

    /** All connections end, as when the server starts again. */
    public void restart() {
        connections.forEach(open -> open.ended = true);
        connections.clear();
    }

    private void endConnections(String like) {
        String names = like.replace("\\_", "_").replace("%", ".*");
        connections.stream().filter(open -> open.name.matches(names)).forEach(open -> open.ended = true);
        connections.removeIf(open -> open.ended);
    }

    /** The connections of one node. */
    NodeConnections connections(ServerLine line) {
        return new NodeConnections() {
            @Override
            public Connection toLedger() throws SQLException {
                return connect(line, applicationPrefix() + "node");
            }

            @Override
            public String applicationPrefix() {
                return "serai " + SCHEMA + " ";
            }
        };
    }

    Connection connect(ServerLine line, String name) throws SQLException {
        line.call("connect");
        Open open = new Open(line, name);
        connections.add(open);
        return proxy(Connection.class, open);
    }

    @Override
    public void close() {
        try {
            sqlite.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String translated(String sql) {
        if (sql.contains("pg_terminate_backend")) {
            return "SELECT end_connections(?)";
        }
        return sql.replace("? * INTERVAL '1 millisecond'", "?")
                .replace("INTERVAL '1 millisecond'", "1")
                .replace(";\nCOMMIT", "")
                .replace(" FOR UPDATE SKIP LOCKED", "")
                .replaceAll("EXTRACT\\(EPOCH FROM ([a-z_]+(\\(\\))?)\\)", "($1 / 1000.0)")
                .replaceAll("to_char\\(until AT TIME ZONE 'UTC', '[^']*'\\)", "CAST(until AS TEXT)")
                .replace("id = ANY (?)", "id IN (SELECT value FROM json_each(?))");
    }

    private interface Handler {
        @Nullable Object handle(Method method, @Nullable Object[] args) throws Throwable;
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<T> type, Handler handler) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            try {
                return handler.handle(method, args == null ? new Object[0] : args);
            } catch (InvocationTargetException e) {
                throw readable(e.getCause());
            }
        });
    }

    private static Throwable readable(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("SQLITE_CONSTRAINT_UNIQUE")) {
            return new SQLException(message, "23505", failure);
        }
        return message.contains("SQLITE_CONSTRAINT_NOTNULL") ? new SQLException(message, "23502", failure) : failure;
    }

    /** One connection. */
    private final class Open implements Handler {
        private final ServerLine line;
        private final String name;
        private boolean ended;

        Open(ServerLine line, String name) {
            this.line = line;
            this.name = name;
        }

        @Override
        public @Nullable Object handle(Method method, @Nullable Object[] args) throws Throwable {
            switch (method.getName()) {
                case "prepareStatement" -> {
                    requireOpen();
                    String sql = (String) args[0];
                    PreparedStatement inner = sqlite.prepareStatement(translated(String.valueOf(sql)));
                    return proxy(PreparedStatement.class, new OpenStatement(this, inner, String.valueOf(sql)));
                }
                case "createStatement" -> {
                    requireOpen();
                    return proxy(Statement.class, new OpenStatement(this, sqlite.createStatement(), ""));
                }
                case "createArrayOf" -> {
                    String elements = Arrays.stream((Object[]) args[1])
                            .map(String::valueOf)
                            .collect(Collectors.joining(",", "[", "]"));
                    return proxy(Array.class, (unused, none) -> elements);
                }
                case "close" -> {
                    ended = true;
                    connections.remove(this);
                    return null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            }
        }

        void requireOpen() throws SQLException {
            if (ended) {
                throw new SQLException("the connection was ended", "57P01");
            }
        }
    }

    /** One statement; the first argument of {@code execute} and the like is its text, unless it was prepared. */
    private static final class OpenStatement implements Handler {
        private final Open connection;
        private final Statement inner;
        private final String sql;

        OpenStatement(Open connection, Statement inner, String sql) {
            this.connection = connection;
            this.inner = inner;
            this.sql = sql;
        }

        @Override
        public @Nullable Object handle(Method method, @Nullable Object[] args) throws Throwable {
            String name = method.getName();
            if (name.startsWith("execute")) {
                return execute(method, args);
            }
            return switch (name) {
                case "setArray" -> {
                    ((PreparedStatement) inner)
                            .setString(
                                    (Integer) args[0],
                                    ((Array) args[1]).getArray().toString());
                    yield null;
                }
                case "getWarnings" -> null;
                default -> method.invoke(inner, args);
            };
        }

        private @Nullable Object execute(Method method, @Nullable Object[] args) throws Throwable {
            String text = args.length == 0 ? sql : String.valueOf(args[0]);
            connection.requireOpen();
            connection.line.call(text);
            connection.requireOpen();
            if (text.startsWith("SET ")) {
                return false;
            }
            if (args.length > 0) {
                args[0] = translated(text);
            }
            Object result = method.invoke(inner, args);
            try {
                connection.line.answer(text);
            } catch (SQLException e) {
                inner.close();
                connection.ended = true;
                throw e;
            }
            return result;
        }
    }
}
