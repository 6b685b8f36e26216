package dev.serai.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium without a window, from the system's packages. */
public final class Browser implements AutoCloseable {
    private static final String CLS = "return document.documentElement.scrollWidth > window.innerWidth";

    private final ChromeDriver driver;
    private final String url;

    private Browser(ChromeDriver driver, String url) {
        this.driver = driver;
        this.url = url;
    }

    /** Why there is no browser; null if there is one. */
    public static String missing() {
        for (String program : List.of("chromium", "chromedriver")) {
            if (find(program).isEmpty()) {
                return program + " is not on the PATH (Debian: apt-get install chromium chromium-driver)";
            }
        }
        return null;
    }

    private static Optional<Path> find(String program) {
        return Arrays.stream(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts one with a profile of its own.
     *
     * @param url of the node, to which paths are added
     */
    public static Browser start(String url, Path profile) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(find("chromium").orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, java.util.logging.Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(find("chromedriver").orElseThrow().toFile())
                .usingAnyFreePort()
                .build();
        return new Browser(new ChromeDriver(service, options), url);
    }

    /**
     * Becomes the browser of somebody new: forgets cookies and what pages have stored, and closes the open page.
     *
     * @param language that it asks for, such as {@code en-GB}
     */
    public void renew(String language) {
        driver.get("about:blank");
        driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
        driver.executeCdpCommand("Storage.clearDataForOrigin", Map.of("origin", url, "storageTypes", "all"));
        driver.executeCdpCommand(
                "Emulation.setUserAgentOverride",
                Map.of("userAgent", run("return navigator.userAgent"), "acceptLanguage", language));
        errors();
    }

    /** Runs a script in each page before its own, until what is returned is closed. */
    public Undo beforePages(String script) {
        Object id = driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script))
                .get("identifier");
        return () -> driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", id));
    }

    /** Takes something back. */
    public interface Undo extends AutoCloseable {
        @Override
        void close();
    }

    /** Opens a path of the node. */
    public void open(String path) {
        driver.get(url + path);
    }

    /** Opens it in a new tab, which is shown then. */
    public void openInNewTab(String path) {
        driver.switchTo().newWindow(WindowType.TAB);
        open(path);
    }

    /** Closes all tabs but the first, which is shown then. */
    public void closeOtherTabs() {
        List<String> tabs = List.copyOf(driver.getWindowHandles());
        tabs.stream().skip(1).forEach(tab -> {
            driver.switchTo().window(tab);
            driver.close();
        });
        driver.switchTo().window(tabs.get(0));
    }

    public void resize(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Waits until the page shows the text. */
    public void await(String text) {
        new WebDriverWait(driver, Patience.MAX)
                .withMessage(() -> "no \"" + text + "\" in: " + text())
                .until(page -> text().contains(text));
    }

    /** Waits until the page no longer shows the text. */
    public void awaitGone(String text) {
        new WebDriverWait(driver, Patience.MAX)
                .withMessage(() -> "still \"" + text + "\" in: " + text())
                .until(page -> !text().contains(text));
    }

    /** What the page shows. */
    public String text() {
        return String.valueOf(run("return document.body.innerText"));
    }

    /** Clicks the first button or link with this text, within the first part of the page that the selector finds. */
    public void click(String within, String text) {
        new WebDriverWait(driver, Patience.MAX)
                .ignoring(StaleElementReferenceException.class)
                .withMessage(() -> "no button \"" + text + "\" in " + within + ": " + text())
                .until(page -> page.findElements(By.cssSelector(within)).stream()
                        .flatMap(part -> part.findElements(By.cssSelector("button,a,summary")).stream())
                        .filter(button -> button.getText().strip().equals(text) && button.isEnabled())
                        .findFirst()
                        .map(button -> {
                            button.click();
                            return true;
                        })
                        .orElse(null));
    }

    /** Chooses the option with this value, in the first field that has such an option. */
    public void choose(String option) {
        run(
                "const field = document.querySelector('option[value=' + arguments[0] + ']').parentElement;"
                        + " field.value = arguments[0]; field.dispatchEvent(new Event('change', { bubbles: true }))",
                option);
    }

    /** Types into the first field that the selector finds. */
    public void type(String field, String text) {
        new WebDriverWait(driver, Patience.MAX)
                .until(page -> !page.findElements(By.cssSelector(field)).isEmpty());
        driver.findElement(By.cssSelector(field)).sendKeys(text);
    }

    public Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Whether the page is wider than the window. */
    public boolean isTooWide() {
        return Boolean.TRUE.equals(run(CLS));
    }

    /** What the page wrote to the browser's console as errors since the last call. */
    public List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** What axe finds inaccessible in the page as it is. */
    @SuppressWarnings("unchecked")
    public List<String> violations() {
        if (Boolean.TRUE.equals(run("return window.axe === undefined"))) {
            run(axe());
        }
        driver.manage().timeouts().scriptTimeout(Duration.ofMillis(Patience.MAX_MILLIS));
        Object found = driver.executeAsyncScript("const done = arguments[0];"
                + " axe.run({ resultTypes: ['violations'] }).then(r => done(r.violations.map(v => v.id + ': ' + v.help + ': '"
                + " + v.nodes.slice(0, 3).map(n => n.html).join(' | '))))");
        return (List<String>) found;
    }

    private static String axe() {
        try (InputStream in = Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A picture of the window as PNG. */
    public byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** The files that the page loaded, with their sizes over the wire in bytes. */
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> loaded() {
        return (List<Map<String, Object>>) run("return performance.getEntriesByType('resource')"
                + ".map(e => ({ name: e.name, bytes: e.encodedBodySize }))");
    }

    @Override
    public void close() {
        driver.quit();
    }
}
