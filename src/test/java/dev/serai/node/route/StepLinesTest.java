package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLinesTest {
    @TempDir
    Path folder;

    @Test
    void aStepHasTheLineOfItsNameHoweverItIsWritten() throws Exception {
        assertThat(new CheckedRoutes(folder).steps("""
                - route:
                    from:
                      uri: direct:a
                      steps:
                        - setBody: { constant: a }
                        - setBody: { constant: b }
                        - filter:
                            simple: "${body}"
                            steps:
                              - to: { uri: "log:one" }
                        - to:
                            uri: log:two
                        - to: "log:three"
                - route:
                    from:
                      uri: direct:b
                      steps: [ { to: { uri: "log:four" } } ]
                """))
                .containsExactly("setBody:5", "setBody:6", "filter:7", "to:10", "to:11", "to:13", "to:17");
    }
}
