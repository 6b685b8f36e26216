package dev.serai.http;

import dev.serai.text.LogText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that a running server uses: hands over their content when it changes. A change counts once two looks find the same, so
 * that no half-written file is used. Content that cannot be used changes nothing, and {@link #refused} says why.
 *
 * <p>Threads: safe.
 *
 * @param <C> what the files hold at one time
 */
public final class ReloadedFiles<C> {
    private static final int REASON_MAX = 500;
    private static final Logger LOG = LoggerFactory.getLogger(ReloadedFiles.class);

    private final User<C> user;
    private volatile @Nullable String refused;
    private C used;
    private @Nullable C seen;
    private @Nullable C failed;

    /** Who uses the files. */
    public interface User<C> {
        /** Throws {@link IOException} if they cannot be read; the message names the option or property. */
        C read() throws IOException;

        boolean isSame(C one, C other);

        /** Uses new content from now on. Throws {@link IOException} if it cannot, as {@link #read} does. */
        void use(C content) throws IOException;

        /** What goes on while new content cannot be used, for the log: the port goes on with the certificate before. */
        String meanwhile();
    }

    /** @param used the content in use */
    public ReloadedFiles(User<C> user, C used) {
        this.user = user;
        this.used = used;
    }

    /** Why the files are not used as they are now, in one line; null if they are. */
    public @Nullable String refused() {
        return refused;
    }

    synchronized void look() {
        C now;
        try {
            now = user.read();
        } catch (IOException e) {
            refuse(e);
            seen = null;
            failed = null;
            return;
        }
        boolean isStill = isSame(now, seen);
        seen = now;
        if (user.isSame(now, used)) {
            refused = null;
        } else if (isStill && !isSame(now, failed)) {
            use(now);
        }
    }

    private boolean isSame(C now, @Nullable C other) {
        return other != null && user.isSame(now, other);
    }

    private void use(C content) {
        try {
            user.use(content);
            used = content;
            failed = null;
            refused = null;
        } catch (IOException e) {
            failed = content;
            refuse(e);
        }
    }

    private void refuse(IOException failure) {
        String reason = LogText.line(String.valueOf(failure.getMessage()), REASON_MAX) + "; " + user.meanwhile();
        if (!reason.equals(refused)) {
            LOG.error("{}", reason);
        }
        refused = reason;
    }
}
