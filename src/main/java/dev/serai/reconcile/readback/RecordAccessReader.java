package dev.serai.reconcile.readback;

import dev.serai.connector.pull.JqExpression;
import dev.serai.text.YamlFields;
import dev.serai.text.YamlValue;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields {@code key}, {@code deleted}, {@code page}, {@code read} and {@code sql}, and notes all mistakes in them with
 * their lines.
 *
 * <p>Threads: one thread.
 */
public final class RecordAccessReader {
    /** The fields that it reads. */
    public static final Set<String> NAMES = Set.of("key", "deleted", "page", "read", "sql");

    private static final String KEY = "key";
    private static final String PAGE = "page";
    private static final String READ = "read";
    private static final String SQL = "sql";

    private final CamelContext context;
    private final YamlFields shapes;

    /** @param context knows the properties that the fields refer to */
    public RecordAccessReader(CamelContext context, YamlFields shapes) {
        this.context = context;
        this.shapes = shapes;
    }

    /**
     * Null if there is a mistake.
     *
     * @param line where a field is told to be missing
     * @param noWay what is said if there is neither page nor read nor sql
     */
    public @Nullable RecordAccess read(Map<String, YamlValue> fields, int line, String noWay) {
        int mistakes = shapes.mistakes().size();
        Map<String, String> page = block(fields, PAGE, ReadBacks.httpNames());
        Map<String, String> read = block(fields, READ, ReadBacks.httpNames());
        Map<String, String> sql = block(fields, SQL, ReadBacks.SQL_NAMES);
        checkWays(fields, line, noWay);
        JqExpression key = expression(fields, KEY);
        if (page != null && !fields.containsKey(KEY)) {
            shapes.mistake(
                    YamlFields.line(fields, PAGE),
                    "page needs key: the jq expression of the key of a record, like key: .id");
        }
        JqExpression deleted = expression(fields, "deleted");
        if (shapes.mistakes().size() > mistakes) {
            return null;
        }
        if (sql != null) {
            shapes.parsed(fields, SQL, () -> ReadBacks.sql(context, sql));
        }
        if (page != null) {
            shapes.parsed(fields, PAGE, () -> ReadBacks.http(context, page, null));
        }
        if (read != null) {
            shapes.parsed(fields, READ, () -> ReadBacks.http(context, null, read));
        }
        return shapes.mistakes().size() > mistakes ? null : new RecordAccess(key, deleted, page, read, sql);
    }

    private void checkWays(Map<String, YamlValue> fields, int line, String noWay) {
        boolean hasHttp = fields.containsKey(PAGE) || fields.containsKey(READ);
        boolean hasSql = fields.containsKey(SQL);
        if (!hasHttp && !hasSql) {
            shapes.mistake(
                    line, noWay + ": add page (a listing over HTTP), read (one record by its key) or sql (a table)");
        } else if (hasHttp && hasSql) {
            shapes.mistake(YamlFields.line(fields, SQL), "sql reads all there is: take page and read out, or sql");
        }
        if (hasSql && fields.containsKey(KEY)) {
            shapes.mistake(YamlFields.line(fields, KEY), "with sql the key is in keyColumn: take key out");
        }
    }

    private @Nullable Map<String, String> block(Map<String, YamlValue> fields, String name, Set<String> known) {
        YamlValue block = fields.get(name);
        Map<String, YamlValue> given = block == null ? null : shapes.map(block, name);
        if (block == null || given == null) {
            return null;
        }
        Set<String> allowed = new TreeSet<>(known);
        if (name.equals(READ)) {
            // What leads from page to page has no meaning for one record.
            allowed.removeAll(Set.of("next", "nextHeader", "startPage", "pageSize", "maxPages", HttpBlock.TOTAL));
        }
        shapes.refuseUnknown(block, allowed, name);
        Map<String, String> values = new TreeMap<>();
        for (String parameter : given.keySet()) {
            String value = shapes.text(given, parameter);
            if (value != null) {
                try {
                    values.put(parameter, context.resolvePropertyPlaceholders(value));
                } catch (IllegalArgumentException e) {
                    shapes.mistake(YamlFields.line(given, parameter), parameter + ": " + e.getMessage());
                }
            }
        }
        return values;
    }

    private @Nullable JqExpression expression(Map<String, YamlValue> fields, String name) {
        String text = shapes.text(fields, name);
        return text == null ? null : shapes.parsed(fields, name, () -> new JqExpression(name, text));
    }
}
