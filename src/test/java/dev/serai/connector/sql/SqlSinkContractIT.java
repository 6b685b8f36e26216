package dev.serai.connector.sql;

import dev.serai.support.MariaDbServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Tables of the databases that are servers. */
class SqlSinkContractIT {

    @Nested
    class OfPostgres extends SqlSinkContract {
        private static EmbeddedPostgres postgres;

        @BeforeAll
        static void startPostgres() throws Exception {
            postgres = EmbeddedPostgres.start();
        }

        @AfterAll
        static void stopPostgres() throws Exception {
            postgres.close();
        }

        @Override
        String jdbcUrl() {
            return postgres.getJdbcUrl("postgres", "postgres");
        }
    }

    @Nested
    class OfMariaDb extends SqlSinkContract {
        @TempDir
        private static Path folder;

        private static MariaDbServer server;

        @BeforeAll
        static void startServer() throws Exception {
            server = MariaDbServer.start(folder);
            server.execute(
                    "CREATE USER shop@localhost", "GRANT ALL ON shop.* TO shop@localhost", "CREATE DATABASE shop");
        }

        @AfterAll
        static void stopServer() throws Exception {
            if (server != null) {
                server.close();
            }
        }

        @Override
        String jdbcUrl() {
            return server.url("shop", "shop");
        }
    }
}
