package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The commands that the document for operators names exist, with their options. */
class OnCallTest {
    private static final Path DOCUMENT = Path.of("docs/operate.md");
    private static final Pattern COMMAND = Pattern.compile("`\\./serai ([a-z][^`]*)`|(?m:^    \\./serai ([a-z].*)$)");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private static final PrintWriter NOWHERE = new PrintWriter(new StringWriter());
    private static final CommandLine CLI = Cli.commandLine(NOWHERE, NOWHERE);

    private static List<String> questions() throws Exception {
        return Files.readAllLines(DOCUMENT).stream()
                .dropWhile(line -> !line.equals("## On call"))
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .toList();
    }

    private static List<String> commands(String text) {
        return COMMAND.matcher(text)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .toList();
    }

    /** Why the command line would not take the command; empty if it would. */
    private static String fault(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        try {
            CLI.parseArgs(words.toArray(String[]::new));
            return "";
        } catch (ParameterException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void eachOfTheTwelveQuestionsIsAnsweredByACommandThatExists() throws Exception {
        List<String> questions = questions();
        assertThat(questions).hasSize(12);
        for (String row : questions) {
            assertThat(commands(row)).as(row).isNotEmpty();
        }
    }

    @Test
    void everyCommandInTheDocumentIsOneThatTheCommandLineTakes() throws Exception {
        Map<String, String> faults = new LinkedHashMap<>();
        List<String> commands = commands(Files.readString(DOCUMENT));
        commands.forEach(command -> faults.put(command, fault(command)));
        faults.values().removeIf(String::isEmpty);

        assertThat(faults).isEmpty();
        assertThat(commands).hasSizeGreaterThan(20);
    }

    @Test
    void aCommandOrOptionThatDoesNotExistIsFound() {
        assertThat(fault("stuk --target erp")).isNotEmpty();
        assertThat(fault("stuck --tagret erp")).isNotEmpty();
        assertThat(fault("skip --key 123 --reason 'order was cancelled'")).isEmpty();
    }
}
