package dev.serai.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How forecasts are written for a terminal. */
class ForecastTextTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String FORECAST = """
            {"flow":"orders","target":"erp\\u202e",
             "regime":{"state":"down","since":"2025-12-31T23:50:00Z","probabilities":{"down":0.25,"up":0.75}},
             "delivered":0.99953,"deliveredInterval":{"p5":0.98,"p95":1},"dead":0.00047,"attempts":1.17,
             "secondsToConsistency":{"p50":30,"p80":240,"p95":null},
             "drainedAt":{"p5":"2026-01-01T00:00:10Z","p50":"2026-01-01T00:05:00Z","p80":null,"p95":null},
             "deadWithinHour":{"expected":0.3,"p5":0,"p95":2},"budgetFor":{"0.99":1,"0.999":null},
             "chain":{"states":["1","2","delivered","dead"],"matrix":[[0,0.12,0.88,0],[0.00001,0,0.7,0.29999],[0,0,1,0],[0,0,0,1]]},
             "score":{"brier":0.05,"logLoss":0.2,"n":1234,"skill":0.31,"baselines":{"plain":{"brier":0.0725,"logLoss":0.3}},
                      "secondsToConsistency":{"n":144,"within90":0.91,"calibrated":true},"drainedAt":{"n":7,"within90":1,"calibrated":false}},
             "drift":{"lately":0.31,"usual":0.04},"observed":1234}
            """;

    private static JsonNode json(String text) throws Exception {
        return new JsonMapper().readTree(text);
    }

    private static String printed(JsonNode forecast) {
        StringWriter text = new StringWriter();
        new ForecastText(forecast, NOW).print(new PrintWriter(text, true));
        return text.toString();
    }

    @Test
    void aForecastIsSentencesAndItsChain() throws Exception {
        assertThat(printed(json(FORECAST)).lines())
                .contains(
                        "orders/erp\\u202e is down since 10 min; in an hour it is down 25 %, up 75 %",
                        "Failures are unusual: 31 % of its attempts fail in the last minutes, usually 4 %. What follows may be wrong.",
                        "A change accepted now is delivered with 99.95 % (90 % interval 98 % to 100 %), in 1.17 attempts on average",
                        "It arrives within 30 s in half of all cases, within 4 min in 80 %; more than 5 % never arrive",
                        "All that waits is consistent in 5 min in half of all cases, never in 95 %",
                        "Dead letters within the hour: 0.30 expected, 0 to 2 in 90 % of all cases",
                        "Redeliveries that are needed: 1 for 99 %, no number for 99.9 %",
                        "Of the last week 1,234 attempts were foretold: Brier score 0.0500, of the plain success rate 0.0725 (skill 0.31)",
                        "Of 144 times to delivery that were foretold, 91 % were in their 90 % interval",
                        "Of 7 times until all was drained that were foretold, 100 % were in their 90 % interval; too few yet to correct the intervals of the model")
                .anyMatch(line -> line.matches(" *1 +- +12 % +88 % +-"))
                .anyMatch(line -> line.matches(" *2 +<0\\.01 % +- +70 % +30 %"));
    }

    @Test
    void aTargetForWhichNothingWaitsIsConsistent() throws Exception {
        JsonNode quiet = json(FORECAST.replaceAll("\"drainedAt\":\\{[^}]*}", "\"drainedAt\":null")
                .replaceAll("\"drift\":\\{[^}]*}", "\"drift\":null")
                .replace("\"n\":1234", "\"n\":0"));

        assertThat(printed(quiet))
                .contains("Nothing waits: all is consistent", "No attempt of the last week was foretold yet")
                .doesNotContain("unusual");
    }

    @Test
    void allTargetsAreRowsOfOneTable() throws Exception {
        StringWriter text = new StringWriter();
        ForecastText.all(json("[" + FORECAST + "]"), NOW, new PrintWriter(text, true));

        assertThat(text.toString().lines().toList())
                .hasSize(2)
                .last()
                .asString()
                .matches(
                        "orders/erp\\\\u202e +down +99\\.95 % +0\\.05 % +1\\.17 +30 s +never +never +0\\.30 +0\\.31 +yes");
    }
}
