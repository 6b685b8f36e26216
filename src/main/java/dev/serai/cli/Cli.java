package dev.serai.cli;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ClientArguments;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.component.AddCommand;
import dev.serai.cli.flow.DocCommand;
import dev.serai.cli.flow.NewCommand;
import dev.serai.cli.flow.SendCommand;
import dev.serai.cli.text.TerminalText;
import dev.serai.cli.trial.RehearseCommand;
import dev.serai.cli.trial.TestCommand;
import dev.serai.cli.trial.TryCommand;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: its commands, and how their errors are shown, always in one line and never as a stack trace. */
@Command(
        name = "serai",
        description = "Keeps the systems around an open platform consistent.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the answer is no: nothing was found or matched, the ledger is damaged, or not all is ok",
            "2:wrong usage or configuration",
            "3:no node can be reached, or not the whole ledger; for run: it is locked, damaged or newer than this program",
            "4:a port is taken",
            "5:the ledger can no longer be written because of an internal error: start the node again"
        },
        footer = {
            "",
            "Paths you give are relative to where you are. What you do not give (routes/,",
            "kamelets, application.properties, data) is looked up in Serai's own folder."
        })
public final class Cli implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    private Cli() {}

    /** Executes the arguments, and returns the exit code of the process. */
    public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        Map<String, Supplier<Object>> commands = commands(out, err);
        String first = arguments.length == 0 ? "" : arguments[0];
        // The others would not be asked, and take a tenth of a second to prepare.
        @Nullable Supplier<Object> named = commands.get(first);
        return commandLine(out, err, named == null ? commands : Map.of(first, named))
                .execute(arguments);
    }

    /** The whole command line. */
    public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return commandLine(out, err, commands(out, err));
    }

    private static Map<String, Supplier<Object>> commands(PrintWriter out, PrintWriter err) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand::new);
        commands.put("check", CheckCommand::new);
        commands.put("new", () -> new NewCommand(out));
        commands.put("doc", () -> new DocCommand(out));
        commands.put("send", () -> new SendCommand(out, System.in));
        commands.put("try", () -> new TryCommand(System.in, out));
        commands.put("test", () -> new TestCommand(out));
        commands.put("rehearse", () -> new RehearseCommand(out));
        commands.put("add", () -> new AddCommand(out));
        commands.put("status", () -> new StatusCommand(out));
        commands.put("forecast", () -> new ForecastCommand(out));
        commands.put("trace", () -> new TraceCommand(out));
        commands.put("stuck", () -> new WaitingCommands.Stuck(out));
        commands.put("retry", () -> new WaitingCommands.Retry(out));
        commands.put("skip", () -> new WaitingCommands.Skip(out));
        commands.put("dead", () -> new DeadCommands(out));
        commands.put("targets", () -> new TargetsCommand(out));
        commands.put("cursors", () -> new CursorsCommand(out));
        commands.put("reconcile", () -> new ReconcileCommand(out));
        commands.put("bills", () -> new BillsCommand(out));
        commands.put("log", () -> new LogCommand(out));
        commands.put("token", () -> new TokenCommand(out));
        commands.put("backup", () -> new BackupCommand(out));
        commands.put("ledger", () -> new LedgerCommand(out, err));
        commands.put("completion", () -> new CompletionCommand(out));
        return commands;
    }

    private static CommandLine commandLine(PrintWriter out, PrintWriter err, Map<String, Supplier<Object>> commands) {
        CommandLine cli = new CommandLine(new Cli());
        commands.forEach((name, command) -> cli.addSubcommand(name, command.get()));
        return cli.setOut(out)
                .setErr(err)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                // A record's key may begin with @.
                .setExpandAtFiles(false)
                .setExecutionStrategy(Cli::executed)
                .setParameterExceptionHandler(Cli::misused)
                .setExecutionExceptionHandler(Cli::failed);
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "a command is missing");
        }
    }

    private static int executed(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return whole(new CommandLine.RunLast().execute(parsed), last.commandSpec());
    }

    /** The state of the node names what is missing, so that answer is whole. */
    private static int whole(int exitCode, CommandSpec command) {
        if (command.userObject() instanceof StatusCommand) {
            return exitCode;
        }
        return command.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(ClientArguments.class::isInstance)
                .mapToInt(asked -> ((ClientArguments) asked).exitCode(exitCode))
                .findFirst()
                .orElse(exitCode);
    }

    private static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(TerminalText.clean("serai: " + reason(e)));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("see: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** Replaces the parser's messages about its own concepts. */
    private static String reason(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            String argument = unmatched.getUnmatched().get(0);
            boolean asCommand = !e.getCommandLine().getSubcommands().isEmpty();
            return asCommand ? "there is no command " + argument : "one argument too many: " + argument;
        }
        return String.valueOf(e.getMessage())
                .replace("Value for option option", "The value for option")
                .replace("KEY=VALUE format", "the form NAME=VALUE");
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof CliException known) {
            command.getErr().println(TerminalText.clean("serai: " + known.getMessage()));
            return whole(known.exitCode(), command.getCommandSpec());
        }
        command.getErr().println(TerminalText.clean("serai: unexpected: " + e));
        return ExitCode.USAGE;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            @Nullable String version = Cli.class.getPackage().getImplementationVersion();
            return new String[] {"serai " + (version == null ? "(not packaged)" : version)};
        }
    }
}
