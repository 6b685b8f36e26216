package dev.serai.node;

import dev.serai.access.NamedTokenStore;
import dev.serai.access.SharedTokens;
import dev.serai.access.TokenFile;
import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.node.route.ConfigurationException;
import dev.serai.store.copy.LedgerCopy;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.sqlite.LedgerFiles;
import dev.serai.task.LedgerScheduler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Checks and copies the ledger that the settings name, without a node. {@link StartFailure} explains what it throws. */
public final class LedgerMaintenance {
    private static final String SQLITE = "jdbc:sqlite:";

    private final Path ledger;

    public LedgerMaintenance(Settings settings) {
        ledger = file(settings)
                .orElseThrow(() -> new ConfigurationException(
                        "this command works on the file of a ledger, and camel.component.ledger.url does not begin"
                                + " with " + SQLITE + ": use the tools of the database"));
    }

    /** Where the ledger is; empty if it is not a file. */
    public static Optional<Path> file(Settings settings) {
        String url = settings.get("camel.component.ledger.url");
        return url.startsWith(SQLITE)
                ? Optional.of(
                        Path.of(url.substring(SQLITE.length())).toAbsolutePath().normalize())
                : Optional.empty();
    }

    /** Where named tokens are kept: in the data folder, or for all nodes that share a ledger in its database. */
    public static NamedTokenStore tokens(Settings settings) {
        TokenFile own = TokenFile.in(Path.of(settings.get("serai.data")));
        SideTables shared = LedgerPlace.isShared(settings) ? LedgerPlace.sideTables(settings) : null;
        return shared == null ? own : new SharedTokens(shared, own);
    }

    /** How bodies are encrypted. */
    static BodyCipher bodies(Settings settings) {
        try {
            return BodyCipher.of(settings.get(Settings.LEDGER_KEYS));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What a node's ledger works with. */
    static LedgerSettings settings(
            Settings settings,
            LedgerScheduler scheduler,
            Executor completions,
            LedgerSettings.DeliveryListener deliveries) {
        return new LedgerSettings(
                Limits.DEFAULT.within(Runtime.getRuntime().maxMemory()),
                new Retention(settings.duration("serai.retention.settled"), settings.duration("serai.retention.dead")),
                new LedgerClock(TimeSource.system()),
                new Random(),
                scheduler,
                completions,
                deliveries);
    }

    /**
     * Something wrong in the ledger.
     *
     * @param note whether it is no damage
     */
    public record LedgerProblem(
            @Nullable Long sequence,
            @Nullable String flow,
            @Nullable String key,
            String text,
            boolean note) {}

    public Path ledger() {
        return ledger;
    }

    /** Everything that is wrong; a running node is not disturbed. */
    public List<LedgerProblem> check() {
        return problems(LedgerFiles.check(ledger));
    }

    /** Lets a ledger without its write-ahead file start all the same; returns whether it lacked it. */
    public boolean accept() {
        return LedgerFiles.accept(ledger);
    }

    /** Copies the ledger to a file; returns what is damaged in both, or nothing if a node has the ledger open. */
    public Optional<List<LedgerProblem>> backup(Path file) {
        try {
            return Optional.of(problems(LedgerFiles.backupClosed(ledger, file)));
        } catch (StoreOpenException e) {
            if (e.reason() == StoreOpenException.OpenProblem.LOCKED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Copies a ledger that no node has open, see {@link LedgerCopy}; user, password and schema of PostgreSQL are those of the settings.
     *
     * @param from the URL of the ledger
     * @param to where nothing is yet
     * @param progress is told in a line what is done, often
     */
    public static List<CopyLine> copy(Settings settings, String from, String to, Consumer<String> progress) {
        return new LedgerCopy(LedgerPlace.address(settings, from), LedgerPlace.address(settings, to), progress)
                .run().stream()
                        .map(one -> new CopyLine(one.table(), one.rows(), one.sha256()))
                        .toList();
    }

    /** A table of a copied ledger, equal on both sides. @param sha256 of all values, in hex */
    public record CopyLine(String table, long rows, String sha256) {}

    private static List<LedgerProblem> problems(List<LedgerFinding> findings) {
        return findings.stream()
                .map(one -> new LedgerProblem(one.sequence(), one.flow(), one.key(), one.problem(), one.note()))
                .toList();
    }
}
