package dev.serai.reconcile.bill;

import dev.serai.connector.pull.JqExpression;
import dev.serai.reconcile.bill.BillBlock.PlatformName;
import dev.serai.reconcile.bill.BillBlock.SideExpressions;
import dev.serai.text.YamlFields;
import dev.serai.text.YamlValue;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the block {@code bill} of a reconcile file, and notes all mistakes in it with their lines.
 *
 * <p>Threads: one thread.
 */
public final class BillBlockReader {
    private static final Set<String> LEDGER = Set.of("id", "amount", "unit", "status", "time");
    private static final Set<String> TARGET = Set.of("amount", "unit", "status");

    private final CamelContext context;
    private final YamlFields shapes;

    /** @param context knows the properties that the block refers to */
    public BillBlockReader(CamelContext context, YamlFields shapes) {
        this.context = context;
        this.shapes = shapes;
    }

    /** Null if there is a mistake in it. */
    public @Nullable BillBlock read(YamlValue block) {
        int mistakes = shapes.mistakes().size();
        Map<String, YamlValue> fields = shapes.map(block, "bill");
        if (fields == null) {
            return null;
        }
        Set<String> known = new TreeSet<>(Set.of("platform", "ledger", "target", "at"));
        PlatformName platform = platform(block, fields);
        for (PlatformName one : PlatformName.values()) {
            if (platform == null || platform == one) {
                known.addAll(one.options());
            }
        }
        shapes.refuseUnknown(block, known, "bill");
        Map<String, String> options = platform == null ? Map.of() : options(platform, fields);
        SideExpressions ledger = side(block, fields, "ledger", LEDGER, Set.of("id", "amount", "time"));
        SideExpressions target = side(block, fields, "target", TARGET, Set.of("amount"));
        LocalTime at = at(fields);
        if (shapes.mistakes().size() > mistakes || platform == null || ledger == null || target == null) {
            return null;
        }
        BillBlock read = new BillBlock(platform, options, ledger, target, at);
        try (BillPlatform opened = read.open(context, Clock.systemUTC())) {
            return read;
        } catch (IllegalArgumentException e) {
            shapes.mistake(block.line(), "bill: " + e.getMessage());
        } catch (IOException e) {
            shapes.mistake(block.line(), "bill: " + e);
        }
        return null;
    }

    private @Nullable PlatformName platform(YamlValue block, Map<String, YamlValue> fields) {
        String word = shapes.text(fields, "platform");
        for (PlatformName one : PlatformName.values()) {
            if (one.word().equals(word)) {
                return one;
            }
        }
        String all = Stream.of(PlatformName.values()).map(PlatformName::word).collect(Collectors.joining(" or "));
        int line = fields.containsKey("platform") ? YamlFields.line(fields, "platform") : block.line();
        shapes.mistake(line, "bill needs platform: whose bill it is, " + all);
        return null;
    }

    private Map<String, String> options(PlatformName platform, Map<String, YamlValue> fields) {
        Map<String, String> options = new HashMap<>();
        for (String name : platform.options()) {
            String text = shapes.text(fields, name);
            if (text != null) {
                try {
                    options.put(name, context.resolvePropertyPlaceholders(text));
                } catch (IllegalArgumentException e) {
                    shapes.mistake(YamlFields.line(fields, name), name + ": " + e.getMessage());
                }
            }
        }
        return options;
    }

    private @Nullable SideExpressions side(
            YamlValue block, Map<String, YamlValue> fields, String name, Set<String> known, Set<String> needed) {
        YamlValue side = fields.get(name);
        Map<String, YamlValue> given = side == null ? null : shapes.map(side, name);
        if (side == null || given == null) {
            if (side == null) {
                shapes.mistake(block.line(), "bill needs " + name + ": jq expressions of " + new TreeSet<>(needed));
            }
            return null;
        }
        shapes.refuseUnknown(side, known, name);
        for (String one : new TreeSet<>(needed)) {
            if (!given.containsKey(one)) {
                shapes.mistake(side.line(), name + " needs " + one + ": a jq expression");
            }
        }
        SmallestUnit unit = unit(given);
        JqExpression amount = expression(given, "amount");
        return amount == null || unit == null
                ? null
                : new SideExpressions(
                        expression(given, "id"), amount, unit, expression(given, "status"), expression(given, "time"));
    }

    private @Nullable SmallestUnit unit(Map<String, YamlValue> fields) {
        String text = shapes.text(fields, "unit");
        if (text == null) {
            return SmallestUnit.FEN;
        }
        try {
            return SmallestUnit.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            shapes.mistake(YamlFields.line(fields, "unit"), "unit is the amount's, fen or yuan");
            return null;
        }
    }

    private @Nullable JqExpression expression(Map<String, YamlValue> fields, String name) {
        String text = shapes.text(fields, name);
        try {
            return text == null ? null : new JqExpression(name, text);
        } catch (IllegalArgumentException e) {
            shapes.mistake(YamlFields.line(fields, name), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable LocalTime at(Map<String, YamlValue> fields) {
        String text = shapes.text(fields, "at");
        try {
            return text == null ? null : LocalTime.parse(text);
        } catch (DateTimeException e) {
            shapes.mistake(YamlFields.line(fields, "at"), "at has to be a time of day in China, like \"10:30\"");
            return null;
        }
    }
}
