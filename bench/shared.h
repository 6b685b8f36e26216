/* What load.c and sink.c share: the clock, the latencies, one byte per change, and a look at HTTP headers. */
#ifndef SERAI_BENCH_SHARED_H
#define SERAI_BENCH_SHARED_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define IDS_MAX (1L << 26) /* ids run from 0 to here; their byte files are sparse */

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/* Microseconds of the clock that all processes of one machine share and nobody sets. */
static inline int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static inline struct timespec timespec_of_us(int64_t us) {
    return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

static inline double cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Whoever started us ends us: also when it was killed and could not. And timers are not rounded up by 50 us. */
static inline void die_with_parent(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1);
}

/* One byte for each id, mapped to a file that another process can read; in memory only when there is no file. */
static inline uint8_t *byte_per_id(const char *file) {
    int fd = -1;
    if (file) {
        fd = open(file, O_RDWR | O_CREAT, 0644);
        if (fd < 0 || ftruncate(fd, IDS_MAX)) die(file);
    }
    int flags = file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
    uint8_t *bytes = mmap(NULL, IDS_MAX, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (bytes == MAP_FAILED) die("mmap");
    return bytes;
}

/* The value of a header in a head that ends with a zero byte, or NULL. The name is given as "\nName:". */
static inline const char *header(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    return found ? found + strlen(name) + strspn(found + strlen(name), " ") : NULL;
}

/*
 * Latencies in microseconds, counted in buckets: 128 to each power of two, so a percentile is at most 0.8 % too
 * low, memory does not grow, and asking costs nothing noticeable. The maximum is exact.
 */
#define BUCKETS_PER_OCTAVE 128
#define BUCKETS (26 * BUCKETS_PER_OCTAVE)

struct latencies {
    long count, buckets[BUCKETS];
    int64_t max_us;
};

static inline void latency_add(struct latencies *all, int64_t us) {
    if (us < 0) us = 0;
    if (us > all->max_us) all->max_us = us;
    int shift = us < 2 * BUCKETS_PER_OCTAVE ? 0 : 63 - __builtin_clzll(us) - 7;
    long bucket = shift * BUCKETS_PER_OCTAVE + (us >> shift);
    all->buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    all->count++;
}

static inline double latency_ms(const struct latencies *all, double quantile) {
    if (all->count == 0) return 0;
    long rank = (long)(quantile * (all->count - 1)), seen = 0;
    for (long bucket = 0; bucket < BUCKETS; bucket++) {
        seen += all->buckets[bucket];
        if (seen <= rank) continue;
        int shift = bucket < 2 * BUCKETS_PER_OCTAVE ? 0 : bucket / BUCKETS_PER_OCTAVE - 1;
        return ((int64_t)(bucket - shift * BUCKETS_PER_OCTAVE) << shift) / 1e3;
    }
    return all->max_us / 1e3;
}

#endif
