package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SqlDialectTest {

    @Test
    void onlyDatabasesWhoseDialectIsKnownAreTaken() {
        assertThat(SqlDialect.of("PostgreSQL 15.3 on x86_64")).isEqualTo(SqlDialect.POSTGRESQL);
        assertThat(SqlDialect.of("MariaDB")).isEqualTo(SqlDialect.MYSQL);
        assertThat(SqlDialect.of("MySQL")).isEqualTo(SqlDialect.MYSQL);
        assertThat(SqlDialect.of("SQLite")).isEqualTo(SqlDialect.SQLITE);
        assertThatThrownBy(() -> SqlDialect.of("CockroachDB CCL v23"))
                .hasMessage("the data source is a database of the kind CockroachDB, which is not supported: use SQLite,"
                        + " PostgreSQL, or MySQL or MariaDB");
    }

    @Test
    void namesAreQuotedAsTheDatabaseDoes() {
        assertThat(SqlDialect.POSTGRESQL.quotedTable("public.my orders")).isEqualTo("\"public\".\"my orders\"");
        assertThat(SqlDialect.MYSQL.quotedTable("shop.orders")).isEqualTo("`shop`.`orders`");
    }
}
