import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.Vertx;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * A relay around db-scheduler, as people write them: a POST at {@code /hook} is scheduled as a task that is due at once, and
 * answered 202 when that is committed; the task posts the body to the target.
 *
 * <p>{@code java DbSchedulerRelay PORT TARGET-URL JDBC-URL}
 *
 * <p>What fails is tried again after a second, beside the others of its key: it keeps no order. Requests that arrive while tasks
 * are stored go together into the next batch; due tasks are locked and fetched in batches ({@code pollUsingLockAndFetch}),
 * which its documentation recommends for throughput. Each finished task is deleted by a statement of its own.
 */
public final class DbSchedulerRelay {

    private static final int AT_ONCE = 64;
    private static final int CONNECTIONS = 32;
    private static final int STORERS = 2;

    private final Vertx vertx = Vertx.vertx();
    private final Webhook webhook = new Webhook();
    private final TargetClient target;
    private final OneTimeTask<byte[]> deliver;
    private final Scheduler scheduler;

    private DbSchedulerRelay(URI target, DataSource database) throws Exception {
        this.target = new TargetClient(vertx, target, AT_ONCE);
        createTable(database);
        deliver = Tasks.oneTime("deliver", byte[].class)
                .onFailure(new FailureHandler.OnFailureRetryLater<>(Duration.ofSeconds(1)))
                .execute((task, context) -> deliver(task.getData()));
        scheduler = Scheduler.create(database, deliver)
                .serializer(new Unchanged())
                .threads(AT_ONCE)
                .pollUsingLockAndFetch(1.0, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.println("usage: DbSchedulerRelay PORT TARGET-URL JDBC-URL");
            System.exit(2);
        }
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[2]);
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.addDataSourceProperty("reWriteBatchedInserts", "true");
        new DbSchedulerRelay(URI.create(arguments[1]), new HikariDataSource(pool)).start(Integer.parseInt(arguments[0]));
    }

    private void start(int port) throws Exception {
        scheduler.start();
        for (int i = 0; i < STORERS; i++) {
            new Thread(this::store, "store").start();
        }
        webhook.open(vertx, port);
    }

    /** The table that db-scheduler expects, with the indexes that its documentation has for PostgreSQL. */
    private static void createTable(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    CREATE TABLE IF NOT EXISTS scheduled_tasks (
                        task_name TEXT NOT NULL,
                        task_instance TEXT NOT NULL,
                        task_data BYTEA,
                        execution_time TIMESTAMPTZ NOT NULL,
                        picked BOOLEAN NOT NULL,
                        picked_by TEXT,
                        last_success TIMESTAMPTZ,
                        last_failure TIMESTAMPTZ,
                        consecutive_failures INT,
                        last_heartbeat TIMESTAMPTZ,
                        version BIGINT NOT NULL,
                        priority SMALLINT,
                        PRIMARY KEY (task_name, task_instance)
                    )""");
            statement.execute("CREATE INDEX IF NOT EXISTS execution_time_idx ON scheduled_tasks (execution_time)");
            statement.execute("CREATE INDEX IF NOT EXISTS last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");
        }
    }

    /** A relay that cannot store ends: its result would mean nothing. */
    private void store() {
        try {
            while (true) {
                List<Webhook.Arrival> group = webhook.take();
                List<TaskInstance<?>> tasks = new ArrayList<>();
                for (Webhook.Arrival one : group) {
                    tasks.add(deliver.instance(UUID.randomUUID().toString(), one.body()));
                }
                scheduler.scheduleBatch(tasks, Instant.now());
                group.forEach(one -> one.answer(true));
            }
        } catch (InterruptedException | RuntimeException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void deliver(byte[] body) {
        boolean taken = target.post(body).toCompletionStage().toCompletableFuture().join();
        if (!taken) {
            throw new IllegalStateException("the target did not take it");
        }
    }

    /** Stores bodies as they are. */
    private static final class Unchanged implements Serializer {
        @Override
        public byte[] serialize(Object data) {
            return (byte[]) data;
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] stored) {
            return type.cast(stored);
        }
    }
}
