package dev.serai.connector.sql;

import dev.serai.ledger.delivery.Outcome;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/**
 * The error codes of MySQL and MariaDB, which name failures more exactly than their SQL states: 08S01 is a lost connection and a
 * packet that is too large, 42000 a wrong statement and a missing right.
 *
 * <p>See: the error references of both manuals.
 */
final class MysqlFailure {
    /** No connection, no login, or a connection that the server ended. */
    private static final Set<Integer> LOST = Set.of(
            1040, 1042, 1043, 1044, 1045, 1047, 1049, 1053, 1077, 1078, 1079, 1080, 1081, 1129, 1130, 1152, 1158, 1159,
            1160, 1161, 1184, 1203, 1226, 1251, 1698, 1820, 1862, 1927, 2002, 2003, 2006, 2013, 2055, 3118, 4031, 4151);
    /** The database is in trouble: disk, memory, files, rights, read-only, locks, and statements that it ended. */
    private static final Set<Integer> OUTAGE = Set.of(
            1015, 1016, 1021, 1026, 1030, 1034, 1035, 1036, 1037, 1038, 1041, 1114, 1135, 1142, 1143, 1180, 1194, 1195,
            1205, 1206, 1207, 1213, 1223, 1227, 1290, 1297, 1317, 1370, 1412, 1614, 1615, 1637, 1785, 1792, 1836, 1969,
            3024, 3100, 3101, 3572, 4058);
    /** The row or the statement would fail again. */
    private static final Set<Integer> REFUSED = Set.of(
            1048, 1054, 1062, 1064, 1110, 1118, 1136, 1146, 1153, 1162, 1216, 1217, 1242, 1264, 1265, 1288, 1292, 1364,
            1366, 1367, 1406, 1416, 1451, 1452, 1471, 1525, 1690, 1761, 1906, 3105, 3140, 3141, 3144, 3156, 3750, 3819,
            4025, 4078);

    /** The driver refuses what is larger than the server takes, and then ends the connection. */
    private static final String TOO_LARGE = "max_allowed_packet";

    private MysqlFailure() {}

    /** Null if no code of MySQL decides. */
    static @Nullable Outcome of(SQLException error, String text) {
        int code = error instanceof SQLiteException ? 0 : error.getErrorCode();
        if (REFUSED.contains(code) || text.contains(TOO_LARGE)) {
            return new Outcome.Refused(null, text);
        } else if (LOST.contains(code)) {
            return new Outcome.Unreachable(text);
        }
        return OUTAGE.contains(code) ? new Outcome.Failed(null, text, null, true) : null;
    }
}
