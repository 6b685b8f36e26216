package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.serai.support.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the console shows of an admin port in the same process, and what happens under an open page. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenPageIT {
    @TempDir
    private static Path folder;

    private AdminStage stage;
    private Browser browser;

    @BeforeAll
    void start() throws Exception {
        String missing = Browser.missing();
        assumeTrue(missing == null, missing);
        stage = new AdminStage(Files.createDirectory(folder.resolve("data")));
        browser = Browser.start(
                "http://127.0.0.1:" + stage.server().port(), Files.createDirectory(folder.resolve("profile")));
        browser.renew("en-GB");
        browser.resize(1280, 900);
        browser.open("/");
        logIn();
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.close();
            stage.close();
        }
    }

    private void logIn() {
        browser.type("input[type=password]", stage.operate + "\n");
        browser.await("Operations");
    }

    @Test
    void aPageGoesOnAfterItsNodeWasRestartedAndTheTokenGivenAgain() throws Exception {
        browser.open("/console/sources");
        browser.await("orders-pull");

        int port = stage.server().port();
        stage.server().close();
        browser.await("No connection to the node since");
        assertThat(browser.text()).as("what was known stays on the page").contains("orders-pull");

        stage.restart(port); // which has forgotten all sessions
        browser.await("The session has ended.");
        logIn();
        browser.await("orders-pull");
        assertThat(browser.text()).doesNotContain("No connection to the node");
        assertThat(String.valueOf(browser.run("return location.pathname"))).isEqualTo("/console/sources");
    }

    /** A browser has six connections to a server, and a page's events take one for as long as they come. */
    @Test
    void moreTabsThanABrowserHasConnectionsAllShowTheirPage() {
        browser.open("/console/sources");
        for (int tab = 0; tab < 8; tab++) {
            browser.openInNewTab("/console/sources");
            browser.await("orders-pull");
        }
        browser.closeOtherTabs();
        browser.await("orders-pull");
        assertThat(browser.text()).doesNotContain("No connection to the node");
    }

    /** What waits is loaded again after five seconds, here after a twentieth of one. */
    @Test
    void anAnswerThatTakesLongerThanTheTimeToTheNextLookIsShown() {
        try (Browser.Undo undo = browser.beforePages(
                "const timeout = window.setTimeout, ask = window.fetch;"
                        + " window.setTimeout = (call, millis, ...more) => timeout(call, (millis || 0) / 100, ...more);"
                        + " window.fetch = (...request) => ask(...request).then(answer => new Promise(done => timeout(done, 300, answer)))")) {
            browser.open("/console/stuck?view=each");
            browser.await("A-1");
        }
    }

    /** The search through errors looks at many pages, which would hold up what the next page asks for. */
    @Test
    void aRecordIsShownBeforeErrorsAreSearchedAndTheSearchEndsWithThePage() {
        try (Browser.Undo undo =
                browser.beforePages("const ask = window.fetch; window.fetch = (path, options) => path.includes('text=')"
                        + " ? new Promise(() => { window.search = options.signal; }) : ask(path, options)")) {
            browser.open("/console/record?q=A-1");
            browser.await("Changes of this key");
            browser.await("are searched…");
            assertThat(browser.run("return window.search.aborted")).isEqualTo(false);
            browser.click("nav", "Sources");
            browser.await("orders-pull");
            assertThat(browser.run("return window.search.aborted")).isEqualTo(true);
        }
    }

    @Test
    void anAttemptShowsWhatWasSentAndAnswered() {
        browser.open("/console/changes/orders/1");
        browser.await("Change 1");
        browser.click("main", "Request");
        browser.await("https://erp.example/payments");
        browser.click("main", "Answer");
        browser.await("HTTP 503 Service Unavailable");
    }

    @Test
    void whatWaitsIsFilteredByTime() {
        browser.open("/console/stuck?view=each");
        browser.await("A-1");
        assertThat(browser.text()).contains("B-7");

        pick("until", "2000-01-01T00:00:00");
        browser.await("Nothing waits that matches.");
        assertThat(String.valueOf(browser.run("return location.search"))).contains("until=", "T");
        pick("until", "2100-01-01T00:00:00");
        browser.await("A-1");
        pick("since", "2099-01-01T00:00:00");
        browser.await("Nothing waits that matches.");
    }

    private void pick(String field, String time) {
        browser.run(
                "const field = document.querySelector('input[name=' + arguments[0] + ']'); field.value = arguments[1];"
                        + " field.form.requestSubmit()",
                field,
                time);
    }

    @Test
    void aSearchSaysWhatItHasSearched() {
        browser.open("/console/record?q=nobody");
        browser.await("Nothing is found for");
        browser.await("Bodies and headers are not searched");
        browser.open("/console/record?q=Unavailable");
        browser.await("Waiting or dead, with this error text");
        browser.await("A-1");
    }
}
