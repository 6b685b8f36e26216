package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionCommandTest {
    @TempDir
    Path folder;

    private Path script;

    @BeforeEach
    void write() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(Cli.execute(new PrintWriter(out, true), new PrintWriter(err, true), "completion", "bash"))
                .as(err.toString())
                .isZero();
        script = Files.writeString(folder.resolve("serai.bash"), out.toString());
    }

    private static String bash(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", "--norc"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }

    @Test
    void bashLoadsTheScript() throws Exception {
        assertThat(bash("-n", script.toString())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "serai sta, status",
        "serai send --he, --header",
        "serai doc webhook-s, webhook-source",
        "serai new a --from wechat-pay-b, wechat-pay-bills",
        "serai dead re, replay",
        "serai stuck --flow ord, orders",
        "serai send o, orders",
        "serai trace k --flow ord, orders",
        "serai dead list --target e, erp",
        "serai targets pause orders/, orders/erp",
        "serai targets resume orders/c, orders/crm",
        "serai try bil, bills-in",
        "serai stuck --flow r, returns"
    })
    void wordsAreCompleted(String typed, String completed) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-c", """
                source "$1"
                shift
                COMP_WORDS=("$@")
                COMP_CWORD=$(($# - 1))
                COMP_LINE="$*"
                COMP_POINT=${#COMP_LINE}
                _complete_serai
                printf '%s\\n' "${COMPREPLY[@]}"
                """, "bash", script.toString()));
        Path installed = Files.createFile(folder.resolve("serai"));
        assertThat(installed.toFile().setExecutable(true)).isTrue();
        Files.createDirectory(folder.resolve("routes"));
        Files.writeString(folder.resolve("routes/a.camel.yaml"), """
                # - to: ledger:commented
                - route:
                    id: bills-in
                    from:
                      uri: direct:in
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}" } }
                - route:
                    from:
                      uri: "ledger:orders"
                      parameters:
                        target: erp
                        order: key
                - route: { from: { uri: ledger:orders, parameters: { concurrency: 1, target: "crm" } } }
                """);
        Files.writeString(folder.resolve("routes/b.camel.xml"), """
                <routes><route id="r"><from uri="ledger:returns?target=shop"/></route></routes>
                """);
        arguments.addAll(
                List.of(typed.replaceFirst("serai", installed.toString()).split(" ")));

        String printed = bash(arguments.toArray(String[]::new));

        assertThat(printed.lines().map(String::strip)).contains(completed);
    }
}
