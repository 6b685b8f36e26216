package dev.serai.reconcile.source;

import dev.serai.connector.pull.JqExpression;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.reconcile.readback.RecordAccessReader;
import dev.serai.text.DurationText;
import dev.serai.text.YamlFields;
import dev.serai.text.YamlValue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the block {@code source} of a reconcile file, and notes all mistakes in it with their lines.
 *
 * <p>Threads: one thread.
 */
public final class SourceBlockReader {
    private final CamelContext context;
    private final YamlFields shapes;

    /** @param context knows the properties that the block refers to */
    public SourceBlockReader(CamelContext context, YamlFields shapes) {
        this.context = context;
        this.shapes = shapes;
    }

    /**
     * Null if there is a mistake in it.
     *
     * @param key where a record of the target has its key, which holds for the source unless it says otherwise; null if the file
     *     does not say it
     * @param lag of the file, which holds unless the block has its own
     */
    public @Nullable SourceBlock read(YamlValue block, @Nullable YamlValue key, Duration lag) {
        Map<String, YamlValue> given = shapes.map(block, "source");
        if (given == null) {
            return null;
        }
        int mistakes = shapes.mistakes().size();
        Set<String> known = new TreeSet<>(RecordAccessReader.NAMES);
        known.addAll(Set.of("body", "version", "lag"));
        shapes.refuseUnknown(block, known, "source");
        Map<String, YamlValue> fields = new LinkedHashMap<>(given);
        if (key != null && !fields.containsKey("sql")) {
            fields.putIfAbsent("key", key);
        }
        RecordAccess access =
                new RecordAccessReader(context, shapes).read(fields, block.line(), "source says no way to read it");
        JqExpression body = expression(fields, "body");
        JqExpression version = expression(fields, "version");
        Duration own = lag(fields);
        return access == null || shapes.mistakes().size() > mistakes
                ? null
                : new SourceBlock(access, body, version, own == null ? lag : own);
    }

    private @Nullable JqExpression expression(Map<String, YamlValue> fields, String name) {
        String text = shapes.text(fields, name);
        return text == null ? null : shapes.parsed(fields, name, () -> new JqExpression(name, text));
    }

    private @Nullable Duration lag(Map<String, YamlValue> fields) {
        String text = shapes.text(fields, "lag");
        Duration lag =
                text == null ? null : shapes.parsed(fields, "lag", () -> Duration.ofMillis(DurationText.millis(text)));
        if (lag != null && lag.isNegative()) {
            shapes.mistake(YamlFields.line(fields, "lag"), "lag must not be negative");
        }
        return lag;
    }
}
