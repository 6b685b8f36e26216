package dev.serai.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.camel.CheckOnly;
import dev.serai.camel.FlowRoutes;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.bill.BillBlock;
import dev.serai.reconcile.bill.BillBlockReader;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.reconcile.readback.RecordAccessReader;
import dev.serai.reconcile.source.SourceBlock;
import dev.serai.reconcile.source.SourceBlockReader;
import dev.serai.reconcile.state.RecordState;
import dev.serai.text.DurationText;
import dev.serai.text.NearestName;
import dev.serai.text.YamlFields;
import dev.serai.text.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a {@code NAME.reconcile.yaml} strictly, and tells all mistakes in it with their lines.
 *
 * <p>Threads: one thread.
 */
final class ReconcileFileReader {
    /** How the names of the files end. */
    static final List<String> ENDINGS = List.of(".reconcile.yaml", ".reconcile.yml");

    private static final long BYTES_MAX = 1 << 20;
    private static final Duration SAMPLE_EVERY = Duration.ofHours(1);
    private static final Duration LAG = Duration.ofSeconds(10);

    private final Path file;
    private final CamelContext context;
    private final boolean withRoutes;
    private final YamlFields shapes;

    private ReconcileFileReader(Path file, CamelContext context, boolean withRoutes) {
        this.file = file;
        this.context = context;
        this.withRoutes = withRoutes;
        this.shapes = new YamlFields(file);
    }

    /** Thrown with one line for each mistake, each with file and line. */
    static final class BadFileException extends Exception {
        private static final long serialVersionUID = 1L;

        BadFileException(List<String> mistakes) {
            super(String.join("\n", mistakes));
        }
    }

    /**
     * Reads a file.
     *
     * @param context knows the properties that the file refers to
     * @param withRoutes whether it is a mistake that the flow's routes say that it keeps no digests
     */
    static ReconcileFile read(Path file, CamelContext context, boolean withRoutes) throws BadFileException {
        ReconcileFileReader reader = new ReconcileFileReader(file, context, withRoutes);
        ReconcileFile read = null;
        try {
            read = reader.read();
        } catch (YamlValue.BadYamlException e) {
            reader.shapes.mistake(e.line(), String.valueOf(e.getMessage()));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            reader.shapes.mistake(line, "cannot be read as YAML: " + e.getProblem());
        } catch (YamlEngineException | IOException e) {
            reader.shapes.mistake(0, "cannot be read: " + e.getMessage());
        }
        if (read == null || !reader.shapes.mistakes().isEmpty()) {
            throw new BadFileException(reader.shapes.mistakes());
        }
        return read;
    }

    /** The name of the reconciliation that a file describes. */
    static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        for (String ending : ENDINGS) {
            if (name.endsWith(ending)) {
                return name.substring(0, name.length() - ending.length());
            }
        }
        return name;
    }

    private @Nullable ReconcileFile read() throws IOException, YamlValue.BadYamlException {
        if (Files.size(file) > BYTES_MAX) {
            shapes.mistake(0, "is larger than " + (BYTES_MAX >> 20) + " MiB; is it a reconcile file?");
            return null;
        }
        YamlValue root = YamlValue.read(Files.readString(file));
        Map<String, YamlValue> fields = root == null ? null : root.fields();
        if (root == null || fields == null) {
            shapes.mistake(1, "has to be NAME: VALUE, line by line, with flow, target, and page, read or sql");
            return null;
        }
        shapes.refuseUnknown(root, Set.copyOf(ReconcileFile.NAMES), "a reconcile file");
        String flow = required(fields, "flow");
        String target = required(fields, "target");
        String state = shapes.text(fields, "state");
        String record = shapes.text(fields, "record");
        List<String> ignore = ignored(fields.get("ignore"));
        refuseUndigested(fields, flow);
        refuseUndelivered(fields, flow, target);
        RecordState given = shapes.parsed(fields, "state", () -> new RecordState("state", state, ignore));
        RecordState found = record == null
                ? given
                : shapes.parsed(fields, "record", () -> new RecordState("record", record, ignore));
        Duration ownLag = duration(fields, "lag");
        Duration lag = ownLag == null ? LAG : ownLag;
        Duration every = duration(fields, "every");
        Duration hot = duration(fields, "hot");
        boolean readsKeys = fields.containsKey("read") || fields.containsKey("sql");
        if (hot != null && !readsKeys) {
            shapes.mistake(YamlFields.line(fields, "hot"), "hot needs read or sql, which give records by their keys");
        }
        int sample = sample(fields);
        Duration sampleEvery = duration(fields, "sampleEvery");
        if (sample > 0 && !readsKeys) {
            shapes.mistake(
                    YamlFields.line(fields, "sample"), "sample needs read or sql, which give records by their keys");
        }
        double rate = rate(fields);
        YamlValue billFields = fields.get("bill");
        BillBlock bill = billFields == null ? null : new BillBlockReader(context, shapes).read(billFields);
        YamlValue sourceFields = fields.get("source");
        SourceBlock source = sourceFields == null
                ? null
                : new SourceBlockReader(context, shapes).read(sourceFields, fields.get("key"), lag);
        RecordAccess access =
                new RecordAccessReader(context, shapes).read(fields, 1, "says no way to read the target back");
        if (access == null || flow == null || target == null || given == null || found == null) {
            return null;
        }
        return new ReconcileFile(
                nameOf(file),
                file,
                new TargetName(flow, target),
                given,
                found,
                access,
                lag,
                every,
                hot,
                sample,
                sampleEvery == null ? SAMPLE_EVERY : sampleEvery,
                rate,
                source,
                bill,
                meaning(flow, target, state, ignore));
    }

    private void refuseUndigested(Map<String, YamlValue> fields, @Nullable String flow) {
        @Nullable FlowRoutes routes = context.getRegistry().findSingleByType(FlowRoutes.class);
        String place = routes == null || flow == null || !withRoutes
                ? null
                : routes.withoutDigests().get(flow);
        if (place != null) {
            shapes.mistake(
                    YamlFields.line(fields, "flow"),
                    "the flow " + flow + " says digests: false (" + place + "), so there is nothing to compare a target"
                            + " with: take digests: false out of its route, or delete this file");
        }
    }

    /** Only for a check: a running node keeps the file of a target whose route is gone for a while. */
    private void refuseUndelivered(Map<String, YamlValue> fields, @Nullable String flow, @Nullable String target) {
        @Nullable FlowRoutes routes = context.getRegistry().findSingleByType(FlowRoutes.class);
        if (routes == null || flow == null || target == null || !withRoutes || !CheckOnly.isIn(context)) {
            return;
        }
        List<String> known = routes.of(flow).guarantees().stream()
                .map(FlowRoutes.TargetGuarantee::target)
                .toList();
        if (!known.contains(target)) {
            shapes.mistake(
                    YamlFields.line(fields, known.isEmpty() ? "flow" : "target"),
                    known.isEmpty()
                            ? "no route delivers the flow " + flow + ", so no target of it can be compared"
                            : "no route delivers the flow " + flow + " to " + target + NearestName.hint(target, known)
                                    + ": its targets are " + String.join(", ", known));
        }
    }

    private static String meaning(String flow, String target, @Nullable String state, List<String> ignore) {
        String text = String.join("\0", flow, target, state == null ? "" : state, String.join(",", ignore));
        return HexFormat.of().formatHex(Hash.sha256(new byte[0], text.getBytes(UTF_8)), 0, 16);
    }

    // ---- Fields

    private @Nullable String required(Map<String, YamlValue> fields, String name) {
        if (!fields.containsKey(name)) {
            shapes.mistake(1, name + " is missing");
        }
        return shapes.text(fields, name);
    }

    private List<String> ignored(@Nullable YamlValue value) {
        if (value == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (YamlValue item : value.items() == null ? List.of(value) : value.items()) {
            String name = item.text();
            if (name == null) {
                shapes.mistake(item.line(), "ignore has to be a list of names of fields");
            } else {
                names.add(name);
            }
        }
        Collections.sort(names);
        return names;
    }

    private @Nullable Duration duration(Map<String, YamlValue> fields, String name) {
        String text = shapes.text(fields, name);
        Duration duration =
                text == null ? null : shapes.parsed(fields, name, () -> Duration.ofMillis(DurationText.millis(text)));
        if (duration != null && (duration.isNegative() || (!name.equals("lag") && duration.isZero()))) {
            shapes.mistake(YamlFields.line(fields, name), name + " must be above zero, like 1h");
        }
        return duration;
    }

    private int sample(Map<String, YamlValue> fields) {
        String text = shapes.text(fields, "sample");
        Integer keys = text == null ? null : shapes.parsed(fields, "sample", () -> Integer.valueOf(text));
        if (keys != null && (keys < 1 || keys > RunRequest.SAMPLE_MAX)) {
            shapes.mistake(
                    YamlFields.line(fields, "sample"), "sample must be from 1 to " + RunRequest.SAMPLE_MAX + " keys");
        }
        return keys == null ? 0 : keys;
    }

    private double rate(Map<String, YamlValue> fields) {
        String text = shapes.text(fields, "rate");
        Double rate = text == null ? null : shapes.parsed(fields, "rate", () -> Double.valueOf(text));
        if (rate != null && !(rate > 0)) {
            shapes.mistake(YamlFields.line(fields, "rate"), "rate must be a number of keys per second above zero");
        }
        return rate == null ? 0 : rate;
    }
}
