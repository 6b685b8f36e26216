package dev.serai.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.serai.support.Browser;
import dev.serai.support.TerminalPicture;
import dev.serai.support.TroubledNode;
import dev.serai.support.TroubledNode.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of a node in trouble, and do about it: by commands, and in the console with a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnCallIT {
    private static final List<String> PAGES = List.of(
            "/console/",
            "/console/flows/orders",
            "/console/stuck",
            "/console/stuck?view=each",
            "/console/record?q=even",
            "/console/changes/orders/2",
            "/console/sources",
            "/console/reconcile",
            "/console/operations");
    /** Each page in both, or in one of them. */
    private static final boolean BOTH_VIEWS = Boolean.getBoolean("serai.pages.both");

    private static final int COMPRESSED_BYTES_MAX = 150 * 1024;

    @TempDir
    private static Path folder;

    private TroubledNode node;
    /** Of all tests; null before the first that needs it. */
    private Browser browser;

    @BeforeAll
    void start() throws Exception {
        node = new TroubledNode(folder);
        Awaitility.await().untilAsserted(() -> assertThat(states())
                .contains("orders/shop ok", "orders/erp down", "orders/crm failing", "orders/stock blocked")
                .contains("orders/books paused", "bills failing"));
        assertThat(node.say("reconcile", "trouble").out()).contains("missing");
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.close();
        }
        node.close();
    }

    /** Name and state of each target and source, as {@code status} prints them. */
    private List<String> states() {
        return node.say("status")
                .out()
                .lines()
                .map(line -> line.strip().split(" {2,}"))
                .filter(cells -> cells.length > 9)
                .map(cells ->
                        (cells.length == 11 && !cells[1].matches("pull|push") ? cells[0] + "/" + cells[1] : cells[0])
                                + " " + cells[cells.length - 1])
                .toList();
    }

    private void logIn(String language) throws Exception {
        String missing = Browser.missing();
        assumeTrue(missing == null, missing);
        if (browser == null) {
            browser = Browser.start(node.adminUrl(), folder.resolve("profile"));
        }
        browser.renew(language);
        browser.resize(1280, 900);
        browser.open("/");
        browser.type("input[type=password]", node.token() + "\n");
        browser.await(language.startsWith("zh") ? "需要处理" : "need you");
    }

    // ---- Commands

    @Test
    void theStatusSaysWhatNeedsSomebodyAndWhy() {
        Said status = node.say("status");
        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.out())
                .contains(
                        "targets and 1 of 2 sources need you",
                        "HTTP 503",
                        "maintenance until 14:00",
                        "HTTP 401",
                        "no stock")
                .doesNotContain("\u202e");
    }

    @Test
    void whatFailsIsFoundByItsCauseAndByItsKey() {
        assertThat(node.say("stuck", "--causes").out()).contains("no stock", "orders/crm");
        assertThat(node.say("trace", "even").out()).contains("blocked", "no stock");
        assertThat(node.say("stuck", "--target", "stock", "--state", "blocked").out())
                .contains("even");
    }

    @Test
    void aTargetThatLetsAChangeWaitForMoreThanAMinuteIsSlow() {
        Awaitility.await().untilAsserted(() -> assertThat(states()).contains("orders/archive slow"));
    }

    // ---- Pages

    @Test
    void everyPageIsAccessibleFitsAndShowsForeignTextAsText() throws Exception {
        logIn("zh-CN");
        for (int i = 0; i < PAGES.size(); i++) {
            String page = PAGES.get(i);
            browser.open(page);
            browser.await("运维");
            if (BOTH_VIEWS || i % 2 == 0) {
                expectGood(page, "en", "Operations", 1280, "light");
                browser.choose("zh"); // as the next page is opened
            }
            if (BOTH_VIEWS || i % 2 == 1) {
                expectGood(page, "zh", "运维", 390, "dark");
            }
        }
        assertThat(browser.errors()).isEmpty();
    }

    private void expectGood(String page, String language, String word, int width, String theme) {
        String shown = page + " " + language + " " + width + " " + theme;
        browser.resize(width, 900);
        browser.choose(language);
        browser.choose(theme);
        browser.await(word);
        Awaitility.await().untilAsserted(() -> assertThat(browser.text())
                .doesNotContain("Loading…", "正在加载", "Connecting…", "正在连接", "being computed", "正在计算"));
        assertThat(browser.run("return document.documentElement.dataset.theme")).isEqualTo(theme);
        assertThat(browser.violations()).as(shown).isEmpty();
        assertThat(browser.isTooWide()).as(shown).isFalse();
        assertThat(browser.text()).as(shown).doesNotContain("\u202e", "undefined", "NaN", "[object");
        assertThat(browser.run("return document.title")).as(shown).isNotEqualTo("owned");
    }

    @Test
    void thePageNowShowsWhatNeedsSomebodyWorstFirstWithTheReason() throws Exception {
        logIn("en-GB");
        browser.await("HTTP 401");
        assertThat(browser.text())
                .contains("sources need you", "HTTP 503", "maintenance until 14:00", "unknown sku")
                .containsSubsequence("orders/erp", "orders/crm", "orders/stock", "What is ok", "orders/shop");
        double bytes = browser.loaded().stream()
                .filter(one -> String.valueOf(one.get("name")).contains("/console/"))
                .mapToDouble(one -> ((Number) one.get("bytes")).doubleValue())
                .sum();
        assertThat(bytes).isBetween(1.0, (double) COMPRESSED_BYTES_MAX);
    }

    /** With {@code -Dserai.pictures=docs/pictures}, which replaces those of the documentation. */
    @Test
    @EnabledIfSystemProperty(named = "serai.pictures", matches = ".+")
    void thePicturesOfTheDocumentationAreTaken() throws Exception {
        Path pictures = Files.createDirectories(Path.of(System.getProperty("serai.pictures")));
        logIn("en-GB");
        for (String name : List.of("now", "flow", "stuck")) {
            browser.open(
                    name.equals("now")
                            ? "/console/"
                            : name.equals("flow") ? "/console/flows/orders" : "/console/stuck");
            browser.await("orders");
            Awaitility.await().untilAsserted(() -> assertThat(browser.text())
                    .doesNotContain("Loading…", "Connecting…", "being computed"));
            Files.write(pictures.resolve(name + ".png"), browser.picture());
        }
    }

    /** As the pictures of the console; what commands print has changed if the one in the documentation lacks a table's head. */
    @Test
    void thePictureOfATerminalShowsWhatTheCommandsPrintNow() throws Exception {
        Path pictures = Files.createDirectories(Path.of(System.getProperty("serai.pictures", "target/pictures")));
        String status = node.say("status").out();
        String stuck = node.say("stuck", "--target", "stock").out();
        Files.writeString(
                pictures.resolve("terminal.svg"),
                new TerminalPicture()
                        .add("./serai status", status)
                        .add("./serai stuck --target stock", stuck)
                        .toString());
        String documented = Files.readString(Path.of("docs/pictures/terminal.svg"));
        for (String output : List.of(status, stuck)) {
            output.lines().filter(line -> line.matches("[A-Z].*  [A-Z].*")).forEach(head -> assertThat(
                            documented.replaceAll(" +", " "))
                    .contains(TerminalPicture.escaped(head.replaceAll(" +", " "))));
        }
    }

    @Test
    void aRecordIsFoundByItsHostileKeyAndItsLifeIsShown() throws Exception {
        logIn("en-GB");
        browser.type("input[type=search]", TroubledNode.HOSTILE_KEY + "\n");
        browser.await("Changes of this key");
        assertThat(browser.text()).contains("<img src=x onerror=", "\\u202e'k");
        browser.open("/console/changes/orders/1");
        browser.await(TroubledNode.HOSTILE_ERROR);
        browser.open("/console/changes/orders/4");
        browser.await("blocked by 2");
        assertThat(browser.text()).contains("12345678901234567890.10", "./serai trace even");
        browser.click("main", "blocked by 2");
        browser.await("Change 2");
        browser.await("no stock");
    }

    @Test
    void aFlowIsShownWhileItsForecastsAreComputed() throws Exception {
        logIn("en-GB");
        try (Browser.Undo undo = browser.beforePages(
                "const ask = window.fetch; window.held = [];"
                        + " window.fetch = (path, options) => path.startsWith('/api/forecast')"
                        + " ? new Promise(done => { window.held.push(() => done(ask(path, options))); }) : ask(path, options)")) {
            browser.open("/console/flows/orders");
            browser.await("The forecast is being computed…");
            browser.await("per key"); // what is promised, at the foot
            browser.awaitGone("Loading…");
            assertThat(browser.violations()).isEmpty();
            browser.choose("zh");
            browser.await("正在计算预测…");
            Awaitility.await().untilAsserted(() -> {
                browser.run("window.held.splice(0).forEach(ask => ask())");
                assertThat(browser.text()).doesNotContain("正在计算预测…").contains("的概率投递成功");
            });
        }
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    void aReplayIsCountedFirstRunsWithABarAndIsStopped() throws Exception {
        logIn("en-GB");
        browser.open("/console/stuck?flow=orders&target=crm");
        browser.await("unknown sku");
        browser.click(".trouble", "Replay");
        browser.await((TroubledNode.CHANGES - 1) + " changes match.");
        browser.run("const rate = document.querySelector('dialog input[type=number]'); rate.value = '0.05';"
                + " rate.dispatchEvent(new Event('input', { bubbles: true }))");
        browser.type("dialog input[type=text]", "sku was added");
        browser.await("./serai dead replay --flow orders --target crm --cause");
        browser.click("dialog .buttons", "Replay");
        browser.await("The replay runs");
        browser.click("dialog", "Close");
        browser.click(".replays", "Stop");
        browser.click("dialog .buttons", "Stop");
        browser.await("Done.");
        browser.open("/console/operations");
        browser.await("sku was added");
        browser.await("stopped");
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    void aReconciliationIsStartedAndShowsTheKeysThatDiffer() throws Exception {
        logIn("en-GB");
        browser.open("/console/reconcile");
        browser.await("trouble");
        browser.click("section .verbs", "Rehearse a repair");
        browser.await("./serai reconcile trouble --repair --dry-run");
        browser.type("dialog input[type=text]", "after the restore");
        browser.click("dialog .buttons", "Rehearse a repair");
        browser.await("The run has begun.");
        browser.click("dialog", "Close");
        browser.await("2 keys that are not equal");
        browser.await("2 keys are missing, stale or different");
        browser.await("Last run: all keys");
        assertThat(browser.text()).contains("differs", "Missing", "even", "until");

        browser.open("/console/");
        browser.await("2 keys are missing, stale or different");
        browser.open("/console/operations");
        browser.await("after the restore");
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    void aTargetIsResumedAndPausedWithAReasonThatTheLogKeeps() throws Exception {
        logIn("en-GB");
        browser.open("/console/operations");
        browser.await("maintenance until 14:00");
        browser.click(".trouble", "Resume");
        browser.type("dialog input[type=text]", "back again");
        browser.click("dialog .buttons", "Resume");
        browser.await("Done.");
        browser.click("dialog", "Close");
        browser.await("None is paused.");
        browser.await("back again");
        node.say("targets", "pause", "orders/books", "--reason", "maintenance until 14:00");
        browser.awaitGone("None is paused.");
    }

    @Test
    void aSessionThatEndsUnderAnOpenPageAsksForTheTokenAndGoesOn() throws Exception {
        logIn("en-GB");
        browser.open("/console/sources");
        browser.await("HTTP 401");
        browser.run(
                "return fetch('/console/session', { method: 'DELETE', headers: { 'Serai-Console': '1' } }).then(r => r.status)");
        browser.await("The session has ended.");
        browser.type("input[type=password]", "wrong\n");
        browser.awaitGone("The session has ended.");
        browser.run("document.querySelector('input[type=password]').value = ''");
        browser.type("input[type=password]", node.token() + "\n");
        browser.await("Cursors");
    }
}
