package dev.serai;

import dev.serai.support.KafkaBroker;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** An example of the matrix while it runs: its file's name, and what the two ends need to find it. */
record MatrixCell(String file, KameletRunner runner, KafkaBroker broker, Path data) {
    static final String SUFFIX = ".camel.yaml";
    static final List<String> SOURCES = List.of("http", "http-sync", "tcp", "tcp-sync", "pull", "sql", "file", "kafka");
    static final List<String> TARGETS = List.of("http", "tcp", "sql", "file", "kafka", "feed");

    /** Each source once, and each target. */
    static final List<String> PAIRS = Stream.of(
                    "http-to-sql",
                    "http-sync-to-http",
                    "tcp-to-kafka",
                    "tcp-sync-to-tcp",
                    "pull-to-http",
                    "sql-to-sql",
                    "file-to-file",
                    "kafka-to-feed")
            .map(pair -> pair + SUFFIX)
            .toList();

    /** Of the example: its flow, and what its routes, paths and properties begin with. */
    String name() {
        return file.substring(0, file.length() - SUFFIX.length());
    }

    static String source(String file) {
        return file.substring(0, file.lastIndexOf("-to-"));
    }

    static String target(String file) {
        return file.substring(file.lastIndexOf("-to-") + "-to-".length(), file.length() - SUFFIX.length());
    }

    boolean sync() {
        return source(file).endsWith("-sync");
    }

    /** A topic that no other cell uses. */
    String topic(String end) {
        return source(file) + "-to-" + target(file) + "-" + end;
    }

    String url(String path) {
        return runner.url(path);
    }
}
