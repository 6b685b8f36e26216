package dev.serai.connector.sql;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import org.apache.camel.Endpoint;
import org.apache.camel.component.sql.SqlEndpoint;
import org.jspecify.annotations.Nullable;

/** Tries whether the database of a {@code sql:} step answers; the statement of the step is not run. */
public final class SqlEndpointCheck implements EndpointCheck {
    @Override
    public @Nullable LiveCheck of(Endpoint endpoint, boolean isSource) {
        return endpoint instanceof SqlEndpoint sql ? () -> tryOut(sql) : null;
    }

    private static String tryOut(SqlEndpoint endpoint) {
        endpoint.getJdbcTemplate().queryForObject("SELECT 1", Integer.class);
        return "the database answers";
    }
}
