package dev.serai.connector.sql.value;

import java.util.Locale;
import java.util.Set;
import org.springframework.jdbc.core.JdbcOperations;

/** The types of MySQL and MariaDB: their names in lower case, without lengths; {@code boolean} for tinyint(1) and bit(1). */
public final class MysqlType {
    private static final Set<String> INTEGERS = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");
    private static final Set<String> TEXTS =
            Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set");

    private MysqlType() {}

    public static boolean isMariaDb(JdbcOperations db) {
        return String.valueOf(db.queryForObject("SELECT VERSION()", String.class))
                .contains("MariaDB");
    }

    /** @param declared for example {@code bigint(20) unsigned} */
    public static String of(String declared) {
        String type = declared.toLowerCase(Locale.ROOT);
        if (type.equals("tinyint(1)") || type.equals("bit(1)")) {
            return "boolean";
        }
        String name = type.replaceFirst("[ (].*", "");
        return type.endsWith("unsigned") || type.contains("unsigned ") ? name + " unsigned" : name;
    }

    /** @param name what the driver calls the type of a column of a result */
    public static String of(String name, int precision) {
        String type = name.toLowerCase(Locale.ROOT).replace("integer", "int");
        return type.equals("bit") && precision == 1 ? "boolean" : type;
    }

    public static boolean isInteger(String type) {
        return INTEGERS.contains(type.replace(" unsigned", ""));
    }

    public static boolean isDecimal(String type) {
        return type.startsWith("decimal") || type.startsWith("numeric");
    }

    public static boolean isApproximate(String type) {
        return type.startsWith("float") || type.startsWith("double") || type.startsWith("real");
    }

    public static boolean isNumber(String type) {
        return isInteger(type) || isDecimal(type) || isApproximate(type);
    }

    public static boolean isDateTime(String type) {
        return type.equals("datetime") || type.equals("timestamp");
    }

    public static boolean isBinary(String type) {
        return type.endsWith("blob") || type.endsWith("binary");
    }

    public static boolean isText(String type) {
        return TEXTS.contains(type);
    }
}
