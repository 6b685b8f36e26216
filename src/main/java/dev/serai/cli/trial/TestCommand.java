package dev.serai.cli.trial;

import dev.serai.cli.client.CallerFolder;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.NodeArguments;
import dev.serai.cli.text.TerminalText;
import dev.serai.node.trial.RouteTrial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serai test}. */
@Command(
        description = {
            "Runs the tests beside the flows (*.test.yaml) without ledger and network.",
            "Ends with 1 if one fails, and with 2 if a file has a mistake."
        })
public final class TestCommand implements Callable<Integer> {
    private static final Path FOLDER = Path.of("routes");

    private final PrintWriter out;

    @Mixin
    private final NodeArguments arguments = new NodeArguments();

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Files of tests, and folders of them. Default: routes/*.test.yaml.")
    private List<String> files = new ArrayList<>();

    @Option(names = "--junit", paramLabel = "FILE", description = "Also write the results as JUnit's XML.")
    private @Nullable String junit;

    @Spec
    private @Nullable CommandSpec spec;

    public TestCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        List<TestCase> tests = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        for (Path file : files()) {
            TestFile read = TestFile.read(file);
            tests.addAll(read.tests());
            mistakes.addAll(read.mistakes());
        }
        if (!mistakes.isEmpty()) {
            return refuse(mistakes);
        }
        if (tests.isEmpty()) {
            throw new CliException(ExitCode.USAGE, "there are no tests");
        }
        List<TestRun.TestResult> verdicts = new ArrayList<>();
        try (RouteTrial trial = new RouteTrial(arguments.options(), Instant.EPOCH)) {
            try {
                trial.load();
            } catch (Exception | Error e) {
                return refuse(trial.explain(e));
            }
            for (TestCase test : tests) {
                try {
                    verdicts.add(TestRun.of(trial, test));
                } catch (IllegalArgumentException e) {
                    mistakes.add(test.place() + ": " + e.getMessage());
                }
            }
        }
        if (!mistakes.isEmpty()) {
            return refuse(mistakes);
        }
        verdicts.forEach(this::print);
        if (junit != null) {
            JUnitReport.write(CallerFolder.ofProcess().resolve(junit), verdicts);
        }
        long failed = verdicts.stream().filter(verdict -> !verdict.passes()).count();
        out.println(TrialText.count(verdicts.size(), "test") + ", " + (failed == 0 ? "all pass" : failed + " failed"));
        return failed == 0 ? ExitCode.DONE : ExitCode.NO;
    }

    private List<Path> files() throws IOException {
        if (files.isEmpty()) {
            List<Path> found = in(FOLDER);
            if (found.isEmpty()) {
                throw new CliException(
                        ExitCode.USAGE,
                        "no tests found: no file matches routes/*.test.yaml; write one, or name the files");
            }
            return found;
        }
        List<Path> found = new ArrayList<>();
        for (String file : files) {
            Path path = CallerFolder.ofProcess().resolve(file);
            if (Files.isDirectory(path)) {
                found.addAll(in(path));
            } else {
                found.add(path);
            }
        }
        return found;
    }

    private static List<Path> in(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> tests = Files.newDirectoryStream(folder, "*.test.{yaml,yml}")) {
                tests.forEach(found::add);
            }
        }
        found.sort(null);
        return found;
    }

    private int refuse(List<String> mistakes) {
        if (spec != null) {
            PrintWriter err = spec.commandLine().getErr();
            mistakes.forEach(line -> err.println(TerminalText.clean("serai: " + line)));
        }
        return ExitCode.USAGE;
    }

    private void print(TestRun.TestResult verdict) {
        TestCase test = verdict.test();
        out.println(TerminalText.clean(
                (verdict.passes() ? "ok    " : "FAIL  ") + test.title() + "  (" + test.place() + ")"));
        verdict.differences().forEach(line -> out.println("        " + TerminalText.clean(line)));
    }
}
