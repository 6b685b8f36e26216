package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.cli.Cli;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look after the ledger, beside the real process. */
class BackupIT {
    private static final int ENOUGH = 100;

    @TempDir
    Path folder;

    private Path routes;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
    }

    @Test
    void aBackupUnderLoadIsRestoredWithAllThatWasAnsweredBefore() throws Exception {
        Path data = folder.resolve("data");
        Path backup = folder.resolve("backup.db");
        Set<String> before;
        try (RecordingTarget down = new RecordingTarget(1)) {
            down.failing(1); // so that everything has to be delivered from the backup
            SeraiProcess serai = run(down);
            LoadSource source = new LoadSource(serai.flowsUrl() + "/hooks/orders", 24);
            source.start();
            Awaitility.await().until(() -> source.acknowledged().size() > ENOUGH);
            before = Set.copyOf(source.acknowledged().keySet());
            assertThat(command(
                            "backup",
                            backup.toString(),
                            "--url",
                            serai.adminUrl(),
                            "--token-file",
                            data.resolve("admin.token").toString()))
                    .isZero();
            assertThat(command("check", "--ledger", "--data", data.toString()))
                    .as("beside the node")
                    .isZero();
            int then = source.acknowledged().size();
            Awaitility.await().until(() -> source.acknowledged().size() > then + ENOUGH);
            Files.copy(data.resolve("ledger.db"), folder.resolve("alone.db"));
            source.stop();
            serai.kill();
            assertThat(source.unexpected()).isEmpty();
            serai.close();

            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(data.resolve("ledger.db" + suffix));
            }
            Files.copy(folder.resolve("alone.db"), data.resolve("ledger.db"));
            try (SeraiProcess refused = SeraiProcess.start(folder, routes, Map.of("target.url", down.url()))) {
                assertThat(refused.exitCode()).as(refused.output()).isEqualTo(3);
                assertThat(refused.output()).contains("serai backup").contains("ledger.db-wal");
            }
            Files.copy(backup, data.resolve("ledger.db"), StandardCopyOption.REPLACE_EXISTING);
        }
        try (RecordingTarget target = new RecordingTarget(1);
                SeraiProcess serai = run(target)) {
            Awaitility.await().untilAsserted(() -> assertThat(before).allMatch(target::has));
            assertThat(target.contradictions()).isEmpty();
            assertThat(serai.terminate()).as(serai.output()).isZero();
        }
        assertThat(command("check", "--ledger", "--data", data.toString())).isZero();
        assertThat(command("backup", backup.toString(), "--data", data.toString()))
                .as("over a file")
                .isEqualTo(2);
        assertThat(command("backup", folder.resolve("second.db").toString(), "--data", data.toString()))
                .isZero();
    }

    private static int command(String... arguments) {
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output);
        int code = Cli.execute(writer, writer, arguments);
        System.out.println(String.join(" ", arguments) + ": " + code + " " + output);
        return code;
    }

    private SeraiProcess run(RecordingTarget target) {
        return SeraiProcess.run(folder, routes, Map.of("target.url", target.url()));
    }
}
