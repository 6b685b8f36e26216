package dev.serai.cli.client;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder from which the launcher was called.
 *
 * <p>The launcher makes the folder of Serai the working directory, so that defaults and paths inside the configuration
 * do not depend on the caller's folder. Paths on the command line are relative to the caller's folder.
 */
public record CallerFolder(@Nullable Path folder) {
    /** Set by the launcher. */
    private static final String PROPERTY = "serai.caller";

    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    public static CallerFolder ofProcess() {
        @Nullable String caller = System.getProperty(PROPERTY);
        if (caller == null || Path.of(caller).equals(Path.of("").toAbsolutePath())) {
            return new CallerFolder(null);
        }
        return new CallerFolder(Path.of(caller));
    }

    public Path resolve(String path) {
        return folder == null ? Path.of(path) : folder.resolve(path).normalize();
    }

    /** Like {@link #resolve}, for a path with wildcards; what begins with a scheme such as classpath: stays as it is. */
    public String resolveGlob(String glob) {
        if (folder == null || glob.startsWith("/")) {
            return glob;
        }
        if (glob.startsWith("file:")) {
            return "file:" + resolveGlob(glob.substring("file:".length()));
        }
        return SCHEME.matcher(glob).matches() ? glob : folder + "/" + glob;
    }
}
