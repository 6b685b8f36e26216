/*
 * Preloaded into a process, it records in order what the process does to the files of one folder: enough to rebuild the
 * folder as a loss of power could have left it at any moment. See FileTrace.java.
 *
 *   FILETRACE_FOLDER   the folder, an absolute path
 *   FILETRACE_RECORD   the file that gets the records
 *
 * A record: the operation (one byte), the lengths of a path, of a second path, and of the data (four bytes each), an offset
 * (eight bytes, all in the machine's order), the path and the second path relative to the folder, the data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum operation { CREATE = 'c', WRITE = 'w', TRUNCATE = 't', SYNC = 's', RENAME = 'r', UNLINK = 'u', MAKE_FOLDER = 'm' };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int record_fd = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void begin(void) {
    const char *record = getenv("FILETRACE_RECORD");
    folder = getenv("FILETRACE_FOLDER");
    if (!record || !folder) return;
    folder_length = strlen(folder);
    record_fd = REAL(open)(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/* The path within the folder ("" is the folder itself), or NULL for a path elsewhere. */
static const char *inside(const char *path) {
    if (record_fd < 0 || strncmp(path, folder, folder_length)) return NULL;
    if (path[folder_length] == 0) return "";
    return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

/* The same for an open file; NULL also for one that was deleted. */
static const char *inside_of(int fd, char *buffer) {
    char link[64];
    if (record_fd < 0) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length < 0) return NULL;
    buffer[length] = 0;
    if (strstr(buffer, " (deleted)")) return NULL;
    return inside(buffer);
}

static void record(enum operation operation, const char *path, const char *second, int64_t offset, const void *data,
                   size_t length) {
    char head[21];
    uint32_t lengths[3] = {strlen(path), second ? strlen(second) : 0, length};
    head[0] = operation;
    memcpy(head + 1, lengths, sizeof lengths);
    memcpy(head + 13, &offset, sizeof offset);
    struct iovec parts[4] = {{head, sizeof head},
                             {(void *)path, lengths[0]},
                             {(void *)(second ? second : ""), lengths[1]},
                             {(void *)data, length}};
    ssize_t all = sizeof head + lengths[0] + lengths[1] + length;
    if (REAL(writev)(record_fd, parts, 4) != all) abort(); /* a trace with a hole would prove nothing */
}

static int opened(const char *path, int flags, mode_t mode, int (*really)(const char *, int, ...)) {
    const char *name = inside(path);
    if (!name || !(flags & (O_CREAT | O_TRUNC))) return really(path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int existed = stat(path, &before) == 0;
    int fd = really(path, flags, mode);
    int failure = errno;
    if (fd >= 0 && !existed) record(CREATE, name, NULL, 0, NULL, 0);
    if (fd >= 0 && existed && (flags & O_TRUNC)) record(TRUNCATE, name, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = failure;
    return fd;
}

#define OPEN(name)                                            \
    int name(const char *path, int flags, ...) {              \
        va_list more;                                         \
        va_start(more, flags);                                \
        mode_t mode = flags & O_CREAT ? va_arg(more, int) : 0; \
        va_end(more);                                         \
        return opened(path, flags, mode, REAL(name));         \
    }
OPEN(open)
OPEN(open64)

/* Runs a call that changes a file, and records it unless it failed. The two are one step for all threads. */
#define RECORDED(type, call, path, if_done)      \
    pthread_mutex_lock(&lock);                   \
    type result = call;                          \
    int failure = errno;                         \
    if (path && result >= 0) {                   \
        if_done;                                 \
    }                                            \
    pthread_mutex_unlock(&lock);                 \
    errno = failure;                             \
    return result

#define PWRITE(name, offset_type)                                                                        \
    ssize_t name(int fd, const void *data, size_t length, offset_type offset) {                          \
        char buffer[PATH_MAX];                                                                           \
        const char *path = inside_of(fd, buffer);                                                        \
        if (!path) return REAL(name)(fd, data, length, offset);                                          \
        RECORDED(ssize_t, REAL(name)(fd, data, length, offset), path, record(WRITE, path, NULL, offset, data, result)); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length) {
    char buffer[PATH_MAX];
    const char *path = inside_of(fd, buffer);
    if (!path) return REAL(write)(fd, data, length);
    RECORDED(ssize_t, REAL(write)(fd, data, length), path,
             record(WRITE, path, NULL, lseek(fd, 0, SEEK_CUR) - result, data, result));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char buffer[PATH_MAX];
    if (!inside_of(fd, buffer)) return REAL(writev)(fd, parts, count);
    ssize_t all = 0;
    for (int i = 0; i < count; i++) { /* one at a time, so that each is recorded */
        ssize_t written = write(fd, parts[i].iov_base, parts[i].iov_len);
        if (written < 0) return all > 0 ? all : written;
        all += written;
        if ((size_t)written < parts[i].iov_len) break;
    }
    return all;
}

#define TRUNCATE_FD(name, offset_type)                                                                 \
    int name(int fd, offset_type length) {                                                             \
        char buffer[PATH_MAX];                                                                         \
        const char *path = inside_of(fd, buffer);                                                      \
        if (!path) return REAL(name)(fd, length);                                                      \
        RECORDED(int, REAL(name)(fd, length), path, record(TRUNCATE, path, NULL, length, NULL, 0));    \
    }
TRUNCATE_FD(ftruncate, off_t)
TRUNCATE_FD(ftruncate64, off64_t)

#define SYNC_FD(name)                                                                        \
    int name(int fd) {                                                                       \
        char buffer[PATH_MAX];                                                               \
        const char *path = inside_of(fd, buffer);                                            \
        if (!path) return REAL(name)(fd);                                                    \
        RECORDED(int, REAL(name)(fd), path, record(SYNC, path, NULL, 0, NULL, 0));           \
    }
SYNC_FD(fsync)
SYNC_FD(fdatasync)

int rename(const char *from, const char *to) {
    const char *path = inside(from), *second = inside(to);
    if (!path || !second) return REAL(rename)(from, to);
    RECORDED(int, REAL(rename)(from, to), path, record(RENAME, path, second, 0, NULL, 0));
}

int unlink(const char *name) {
    const char *path = inside(name);
    if (!path) return REAL(unlink)(name);
    RECORDED(int, REAL(unlink)(name), path, record(UNLINK, path, NULL, 0, NULL, 0));
}

int mkdir(const char *name, mode_t mode) {
    const char *path = inside(name);
    if (!path) return REAL(mkdir)(name, mode);
    RECORDED(int, REAL(mkdir)(name, mode), path, record(MAKE_FOLDER, path, NULL, 0, NULL, 0));
}

/* Others ways to write are refused, so that a trace cannot miss one. */
static int refused(int fd, const char *name) {
    char buffer[PATH_MAX];
    const char *path = inside_of(fd, buffer);
    if (!path) return 0;
    fprintf(stderr, "filetrace: %s of %s is not recorded\n", name, path);
    errno = EOPNOTSUPP;
    return 1;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return refused(fd, "pwritev") ? -1 : REAL(pwritev)(fd, parts, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return refused(fd, "pwritev64") ? -1 : REAL(pwritev64)(fd, parts, count, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    return refused(fd, "fallocate") ? -1 : REAL(fallocate)(fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    return refused(fd, "fallocate64") ? -1 : REAL(fallocate64)(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    return refused(fd, "posix_fallocate") ? EOPNOTSUPP : REAL(posix_fallocate)(fd, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    return refused(fd, "posix_fallocate64") ? EOPNOTSUPP : REAL(posix_fallocate64)(fd, offset, length);
}
