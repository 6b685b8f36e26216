package dev.serai.connector.sql;

import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;

/** The data sources that routes can name. */
public final class DataSourceNames {
    private DataSourceNames() {}

    /** Sorted. */
    public static Set<String> in(CamelContext context) {
        return new TreeSet<>(
                context.getRegistry().findByTypeWithName(DataSource.class).keySet());
    }
}
