package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.access.AdminCaller;
import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.cli.client.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int token(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] all = Stream.of(new String[] {"token"}, arguments, new String[] {
                    "--data", folder.resolve("data").toString()
                })
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        return Cli.execute(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    @Test
    void aTokenIsPrintedOnceListedAndRemoved() throws Exception {
        assertThat(token("add", "grafana", "--role", "view")).isZero();
        String secret = out.toString().strip();
        NamedTokens tokens = new NamedTokens(TokenFile.in(folder.resolve("data")));
        tokens.look();
        assertThat(tokens.caller(secret)).contains(new AdminCaller("grafana", TokenRole.VIEW));

        assertThat(token("list")).isZero();
        assertThat(out.toString()).contains("TOKEN", "grafana  view").doesNotContain(secret);
        assertThat(token("list", "--json")).isZero();
        assertThat(out.toString()).contains("\"name\":\"grafana\",\"role\":\"view\",\"madeAt\":\"");

        assertThat(token("remove", "grafana")).isZero();
        assertThat(out.toString().strip()).isEqualTo("grafana removed");
        tokens.look();
        assertThat(tokens.caller(secret)).isEmpty();
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        token("add", "grafana", "--role", "view");

        assertThat(token("add", "grafana", "--role", "operate")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString().lines()).singleElement().asString().contains("there is a token grafana already");
        assertThat(token("add", "ops", "--role", "owner")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("use view or operate");
        assertThat(token("add", "ops")).isEqualTo(ExitCode.USAGE);
        assertThat(token("add", "a b", "--role", "view")).isEqualTo(ExitCode.USAGE);
        assertThat(token("remove", "grafan")).isEqualTo(ExitCode.NO);
        assertThat(err.toString()).contains("there is no token grafan: known are grafana");
        assertThat(token("remove", "admin")).isEqualTo(ExitCode.NO);
        assertThat(err.toString()).contains("serai.admin.tokenFile");
        assertThat(token()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aBrokenLineIsNamedAndTheOthersAreListed() throws Exception {
        token("add", "grafana", "--role", "view");
        Path file = folder.resolve("data/tokens");
        Files.writeString(file, Files.readString(file) + "broken\n");

        assertThat(token("list")).isEqualTo(ExitCode.USAGE);
        assertThat(out.toString()).contains("grafana");
        assertThat(err.toString()).contains("tokens:2: ", "is not used");
        assertThat(token("add", "ops", "--role", "view")).isEqualTo(ExitCode.USAGE);
    }
}
