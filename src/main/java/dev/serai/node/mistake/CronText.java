package dev.serai.node.mistake;

import java.text.ParseException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/** Explains what is wrong with a cron expression of Quartz, and translates one of Unix. */
final class CronText {
    private static final String FIELDS =
            "seconds, minutes, hours, day of month, month, day of week and, if wanted, the year";
    /** 0 and 7 are both Sunday in Unix; in Quartz numbers begin with 1 for Sunday, so names are clearer. */
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");

    private static final Pattern DAY = Pattern.compile("(?<![/\\w])[0-7](?!\\w)");

    private CronText() {}

    /** Null if nothing is wrong. */
    static @Nullable String fault(String text) {
        String reason = reason(text);
        if (reason == null) {
            return null;
        }
        String[] fields = text.strip().split("\\s+");
        if (fields.length == 5) {
            String quartz = "0 " + fields[0] + " " + fields[1] + " " + days(fields[2], fields[3], dayOfWeek(fields[4]));
            return "has five fields, as cron has them in Unix, and needs six or seven: " + FIELDS
                    + (reason(quartz) == null ? "; the same is " + ValueRule.shown(quartz) : "");
        }
        if (fields.length == 6) {
            String mended = fields[0] + " " + fields[1] + " " + fields[2] + " " + days(fields[3], fields[4], fields[5]);
            if (reason(mended) == null) {
                return "needs ? for the day of month or the day of week, since a schedule goes by one of them: write "
                        + ValueRule.shown(mended);
            }
        }
        return "must be a cron expression with six or seven fields (" + FIELDS + "), not " + ValueRule.shown(text)
                + ": " + reason;
    }

    private static @Nullable String reason(String text) {
        try {
            CronExpression.validateExpression(text);
            return null;
        } catch (ParseException | RuntimeException e) { // the latter for some values that are out of range
            return String.valueOf(e.getMessage());
        }
    }

    private static String days(String ofMonth, String month, String ofWeek) {
        if (ofWeek.equals("*") || ofWeek.equals("?")) {
            return ofMonth + " " + month + " ?";
        }
        return (ofMonth.equals("*") ? "?" : ofMonth) + " " + month + " " + ofWeek;
    }

    private static String dayOfWeek(String unix) {
        Matcher day = DAY.matcher(unix);
        return day.replaceAll(number -> DAYS.get(Integer.parseInt(number.group())));
    }
}
