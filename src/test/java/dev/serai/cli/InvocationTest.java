package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.node.RunOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class InvocationTest {
    @Test
    void plainArgumentsMeanWhatTheParserReadsInThem() {
        List<String> words = List.of(
                "--routes",
                "a/*.yaml",
                "-p",
                "x=1",
                "--routes",
                "b",
                "--kamelets",
                "k",
                "--config",
                "c.properties",
                "--data",
                "d e",
                "-p",
                "y=a=b",
                "-p",
                "z=");
        assertThat(Invocation.plain(words)).isEqualTo(parsed(words)).isNotNull();
        assertThat(Invocation.plain(List.of())).isEqualTo(parsed(List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--routes",
                "--routes=a",
                "--routes --data",
                "-px=1",
                "-p x",
                "-p =1",
                "-p x=1 -p x=2",
                "--config a --config b",
                "--data a --data b",
                "--data \"a\"",
                "--nonsense a",
                "a b",
                "--version --data"
            })
    void whatIsNotPlainIsLeftToTheParser(String words) {
        assertThat(Invocation.plain(List.of(words.split(" ")))).isNull();
    }

    private static RunOptions parsed(List<String> words) {
        CommandLine parser = Cli.commandLine(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()));
        String[] arguments = Stream.concat(Stream.of("run"), words.stream()).toArray(String[]::new);
        RunCommand command = parser.parseArgs(arguments)
                .subcommand()
                .commandSpec()
                .commandLine()
                .getCommand();
        return command.options();
    }
}
