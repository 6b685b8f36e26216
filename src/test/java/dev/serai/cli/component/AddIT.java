package dev.serai.cli.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.serai.cli.client.CliException;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.listener.Listener;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.WritePermission;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A component that was added works: files of a real FTP server reach a target. Skipped where Maven cannot get it. */
@Tag("long")
class AddIT {
    private static final String PASSWORD = "test-only-password";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    @Test
    void filesOfAnFtpServerReachATargetOnceTheComponentIsAdded() throws Exception {
        add();
        Path remote = Files.createDirectory(folder.resolve("remote"));
        Files.writeString(remote.resolve("A-1.json"), "{\"id\":\"A-1\"}");
        ListenerFactory loopback = new ListenerFactory();
        loopback.setServerAddress("127.0.0.1");
        loopback.setPort(0);
        Listener listener = loopback.createListener();
        FtpServer server = server(remote, listener);
        server.start();
        Path archive = folder.resolve("archive");
        try (SeraiProcess serai = SeraiProcess.run(
                folder,
                routes(),
                Map.of(
                        "ftp.port", String.valueOf(listener.getPort()),
                        "ftp.password", PASSWORD,
                        "archive", archive.toString()))) {
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(written(archive)).as(serai.output()).containsExactly("{\"id\":\"A-1\"}"));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(remote.resolve("A-1.json")).doesNotExist());
            assertThat(serai.terminate()).isZero();
        } finally {
            server.stop();
        }
    }

    /** From what Maven has on this machine, else from the network. */
    private void add() throws IOException {
        Files.copy(Path.of("pom.xml"), folder.resolve("pom.xml"));
        CliException failure = execute("camel-ftp", "--offline");
        if (failure != null && failure.getMessage().startsWith("Maven could not get")) {
            failure = execute("camel-ftp");
        }
        if (failure != null) {
            abort(failure.getMessage());
        }
        assertThat(out.toString())
                .contains("added camel-ftp ", "camel-ftp-", "commons-net-", "in a route: ftp:host:port/directoryName")
                .doesNotContain("camel-support-");
    }

    /** Returns why it failed; null if it did not. */
    private CliException execute(String... arguments) {
        CliException[] failure = {null};
        new CommandLine(new AddCommand(new PrintWriter(out, true), folder, Path.of("target", "app", "lib")))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    failure[0] = (CliException) e;
                    return 2;
                })
                .execute(arguments);
        return failure[0];
    }

    private static FtpServer server(Path home, Listener listener) throws Exception {
        FtpServerFactory factory = new FtpServerFactory();
        factory.addListener("default", listener);
        BaseUser user = new BaseUser();
        user.setName("shop");
        user.setPassword(PASSWORD);
        user.setHomeDirectory(home.toString());
        user.setAuthorities(List.of(new WritePermission()));
        factory.getUserManager().save(user);
        return factory.createServer();
    }

    private Path routes() throws IOException {
        return Files.writeString(folder.resolve("ftp.camel.yaml"), """
                - route:
                    id: ftp-in
                    from:
                      uri: "ftp:shop@127.0.0.1:{{ftp.port}}/"
                      parameters: { password: "{{ftp.password}}", passiveMode: true, delete: true, delay: 100, initialDelay: 0 }
                      steps:
                        - to: { uri: "ledger:files", parameters: { key: "${header.CamelFileName}" } }
                - route:
                    id: files-to-archive
                    from:
                      uri: ledger:files
                      parameters: { target: archive }
                      steps:
                        - to: { uri: "kamelet:file-sink", parameters: { directory: "{{archive}}" } }
                """);
    }

    private static List<String> written(Path archive) throws IOException {
        if (!Files.isDirectory(archive)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(archive)) {
            Path file = files.filter(one -> one.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElse(null);
            return file == null ? List.of() : Files.readAllLines(file);
        }
    }
}
