package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.admin.ActionAudit.Work;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the admin API that copies the ledger to a file on the node's machine, one copy at a time. */
final class BackupApi {
    private static final Logger LOG = LoggerFactory.getLogger(BackupApi.class);
    /** A copy that takes longer is answered as still running. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final Ledger ledger;
    private final AdminReplies replies;
    private final ActionAudit audit;
    private final Duration waitMax;
    private @Nullable Path file;
    private CompletableFuture<List<String>> copy = CompletableFuture.completedFuture(List.of());

    BackupApi(Ledger ledger, AdminReplies replies, ActionAudit audit) {
        this(ledger, replies, audit, WAIT_MAX);
    }

    BackupApi(Ledger ledger, AdminReplies replies, ActionAudit audit, Duration waitMax) {
        this.waitMax = waitMax;
        this.ledger = ledger;
        this.replies = replies;
        this.audit = audit;
    }

    void mount(Router router) {
        router.post("/api/backup").handler(ctx -> audit.act(ctx, "backup", this::start));
        router.get("/api/backup").handler(ctx -> replies.blocking(ctx, this::get));
    }

    private Plan start(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "file", "reason");
        body.text("reason");
        Path wanted = file(body.text("file"));
        return new Plan(null, null, AuditEntry.RUNNING, () -> {
            CompletableFuture<ActionEnd> end = begin(wanted)
                    .handle((damaged, failure) -> failure == null ? ActionEnd.done(null) : ActionEnd.failed(failure));
            return new Work(
                    end.thenApply(ended -> true)
                            .completeOnTimeout(false, waitMax.toMillis(), TimeUnit.MILLISECONDS)
                            .thenApply(done -> state()),
                    end);
        });
    }

    private static Path file(@Nullable String text) {
        try {
            if (text != null && Path.of(text).isAbsolute()) {
                return Path.of(text).normalize();
            }
        } catch (InvalidPathException e) {
            // reported below
        }
        throw AdminProblem.badRequest("file must be an absolute path on the node's machine");
    }

    private synchronized CompletableFuture<List<String>> begin(Path wanted) {
        if (!copy.isDone()) {
            throw new AdminProblem(409, "a backup to " + file + " is running: wait for its end");
        }
        CompletableFuture<List<String>> started = new CompletableFuture<>();
        file = wanted;
        copy = started;
        Thread thread = new Thread(() -> copy(wanted, started), "serai-backup");
        thread.setDaemon(true);
        thread.start();
        return started;
    }

    private void copy(Path wanted, CompletableFuture<List<String>> started) {
        try {
            List<String> damaged = ledger.backup(wanted);
            LOG.info("The ledger was copied to {}", wanted);
            started.complete(damaged);
        } catch (RuntimeException | Error e) {
            LOG.warn("The backup to {} failed: {}", wanted, e.getMessage());
            started.completeExceptionally(e);
        }
    }

    private AdminAnswer get(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return state();
    }

    private synchronized AdminAnswer state() {
        Path current = file;
        if (current == null) {
            throw AdminProblem.notFound("no backup was made since the node started");
        }
        if (!copy.isDone()) {
            return new AdminAnswer(202, new ApiJson.BackupState(current.toString(), "running", 0, List.of()));
        }
        try {
            List<String> damaged = copy.join();
            return AdminAnswer.ok(new ApiJson.BackupState(current.toString(), "done", Files.size(current), damaged));
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new AdminProblem(
                    cause instanceof IllegalArgumentException ? 409 : 507, String.valueOf(cause.getMessage()));
        } catch (IOException e) {
            throw AdminProblem.notFound(current + " was made, and is gone");
        }
    }
}
