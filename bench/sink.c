/*
 * The target: an HTTP server on one thread that answers every POST (or PUT) with 200 and keeps account of the
 * changes it received. It listens on 127.0.0.1 only.
 *
 *   sink --port P [--record FILE]       FILE: for each id, how often it was received and answered 200 (up to 255)
 *
 *   GET /__set?delay=MS&fail=PERCENT    from now on answer after MS (at any number of requests at once) and refuse
 *                                       PERCENT of the requests with 503; either part may be left out
 *   GET /__set?hang=ID                  from now on never answer the changes whose id is lower
 *   GET /__reset                        forget all counts and ids
 *   GET /__stats                        the counts, as JSON; the latencies are from a change's ts to its arrival
 *
 * A change arrives out of order when its first delivery comes after the first delivery of a later seq of its key.
 */
#define _GNU_SOURCE
#include "shared.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define KEYS_MAX (1L << 22)
#define INPUT_BYTES_START 32768
#define INPUT_BYTES_MAX (8 << 20)
#define NONE (-1)

/* A connection carries one request at a time: what it sends further is read when that one is answered. */
struct connection {
    int fd;
    int status; /* what the delayed answer will be; NONE when no answer is due */
    int64_t answer_at;
    struct connection *before, *after; /* its place among the delayed */
    size_t length, capacity;
    char *input;
};

static struct {
    long requests, accepted, failed, hung, unreadable, unique, duplicates, order_violations;
    long max_in_flight, max_connections;
    int64_t first_us, last_us; /* arrival of the first change, and of the last that was new */
    struct latencies latencies;
} counts;

static int poller, delay_ms, fail_percent;
static long hang_below; /* ids below are never answered */
static long in_flight, connections;
static const char *record;
static uint8_t *received;
static int32_t latest_seq[KEYS_MAX];
static struct connection *first_delayed, *last_delayed;

static uint32_t random_below(uint32_t bound) {
    static uint64_t state = 88172645463325252; /* xorshift64, the same in every run */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 32) % bound;
}

static void reset(void) {
    memset(&counts, 0, sizeof counts);
    memset(latest_seq, 0, sizeof latest_seq);
    int failed = record ? truncate(record, 0) || truncate(record, IDS_MAX) : madvise(received, IDS_MAX, MADV_DONTNEED);
    if (failed) die("reset");
    counts.max_in_flight = in_flight;
    counts.max_connections = connections;
}

/* ---- what a change says ---- */

/* The number behind "name" in a JSON object, also when it is quoted and a letter stands before it; NONE if absent. */
static long field(const char *json, const char *name) {
    const char *found = strstr(json, name);
    if (!found) return NONE;
    found += strlen(name);
    found += strspn(found, " :\"k");
    return *found >= '0' && *found <= '9' ? strtol(found, NULL, 10) : NONE;
}

static void count_change(const char *json, int64_t now) {
    long id = field(json, "\"id\""), key = field(json, "\"key\""), seq = field(json, "\"seq\"");
    long sent_at = field(json, "\"ts\"");
    if (id < 0 || id >= IDS_MAX || key < 0 || key >= KEYS_MAX || seq < 0 || sent_at < 0) {
        counts.unreadable++;
        return;
    }
    if (counts.first_us == 0) counts.first_us = now;
    if (received[id] == 0) {
        counts.unique++;
        counts.last_us = now;
        latency_add(&counts.latencies, now - sent_at);
        if (seq < latest_seq[key]) counts.order_violations++;
        else latest_seq[key] = seq;
    } else {
        counts.duplicates++;
    }
    if (received[id] < UINT8_MAX) received[id]++;
}

/* ---- answers ---- */

static void answer(struct connection *c, int status, const char *type, const char *body) {
    char text[2048];
    const char *reason = status == 200 ? "OK" : "Service Unavailable";
    int length = snprintf(text, sizeof text, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                          status, reason, type, strlen(body), body);
    send(c->fd, text, length, MSG_NOSIGNAL); /* one that hung up shows itself at the next read */
}

static void answer_change(struct connection *c, int status) {
    answer(c, status, "text/plain", status == 200 ? "ok" : "busy");
}

static void answer_stats(struct connection *c) {
    const struct latencies *all = &counts.latencies;
    char json[1024];
    snprintf(json, sizeof json,
             "{\"requests\": %ld, \"accepted\": %ld, \"failed\": %ld, \"hung\": %ld, \"unreadable\": %ld, \"unique\": %ld, "
             "\"duplicates\": %ld, \"order_violations\": %ld, \"in_flight\": %ld, \"max_in_flight\": %ld, "
             "\"connections\": %ld, \"max_connections\": %ld, \"first_us\": %lld, \"last_us\": %lld, "
             "\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"cpu_seconds\": %.2f}\n",
             counts.requests, counts.accepted, counts.failed, counts.hung, counts.unreadable, counts.unique,
             counts.duplicates, counts.order_violations, in_flight, counts.max_in_flight, connections, counts.max_connections,
             (long long)counts.first_us, (long long)counts.last_us, latency_ms(all, .5), latency_ms(all, .9),
             latency_ms(all, .99), all->max_us / 1e3, cpu_seconds());
    answer(c, 200, "application/json", json);
}

/* The delayed stand in the order they came, so a delay made shorter only counts once the earlier ones are answered. */
static void answer_later(struct connection *c, int status, int64_t answer_at) {
    c->status = status;
    c->answer_at = answer_at;
    c->before = last_delayed;
    c->after = NULL;
    *(last_delayed ? &last_delayed->after : &first_delayed) = c;
    last_delayed = c;
    if (++in_flight > counts.max_in_flight) counts.max_in_flight = in_flight;
}

static void forget_delayed(struct connection *c) {
    *(c->before ? &c->before->after : &first_delayed) = c->after;
    *(c->after ? &c->after->before : &last_delayed) = c->before;
    c->status = NONE;
    in_flight--;
}

/* ---- requests ---- */

static void set(const char *query) {
    const char *delay = strstr(query, "delay="), *fail = strstr(query, "fail=");
    const char *hang = strstr(query, "hang=");
    if (delay) delay_ms = atoi(delay + strlen("delay="));
    if (fail) fail_percent = atoi(fail + strlen("fail="));
    if (hang) hang_below = atol(hang + strlen("hang="));
}

static void serve_change(struct connection *c, const char *body) {
    int64_t now = now_us();
    if (hang_below > 0 && field(body, "\"id\"") < hang_below) {
        counts.hung++; /* the sender hangs up when it has waited enough */
        return;
    }
    int fails = fail_percent > 0 && random_below(100) < (uint32_t)fail_percent;
    counts.requests++;
    if (fails) {
        counts.failed++;
    } else {
        counts.accepted++;
        count_change(body, now);
    }
    int status = fails ? 503 : 200;
    if (delay_ms > 0) {
        answer_later(c, status, now + delay_ms * 1000);
    } else {
        if (counts.max_in_flight == 0) counts.max_in_flight = 1;
        answer_change(c, status);
    }
}

static void serve(struct connection *c, const char *head, const char *body) {
    if (!strncmp(head, "POST ", 5) || !strncmp(head, "PUT ", 4)) {
        serve_change(c, body);
    } else if (!strncmp(head, "GET /__stats", 12)) {
        answer_stats(c);
    } else if (!strncmp(head, "GET /__set?", 11)) {
        set(head);
        answer(c, 200, "text/plain", "ok");
    } else if (!strncmp(head, "GET /__reset", 12)) {
        reset();
        answer(c, 200, "text/plain", "ok");
    } else {
        answer(c, 200, "text/plain", "sink");
    }
}

/* Joins the chunks of a body in place, once all are there, and returns its length on the wire; NONE before. */
static long join_chunks(char *body, size_t available) {
    char *end = body + available, *to = body;
    for (int joining = 0; joining < 2; joining++) {
        for (char *chunk = body;;) {
            char *line_end = memmem(chunk, end - chunk, "\r\n", 2);
            if (!line_end) return NONE;
            long size = strtol(chunk, NULL, 16);
            char *data = line_end + 2;
            if (size < 0 || end - data < size + 2) return NONE;
            if (size == 0 && joining) {
                *to = 0;
                return data + 2 - body;
            }
            if (size == 0) break;
            if (joining) to = (char *)memmove(to, data, size) + size;
            chunk = data + size + 2;
        }
    }
    return NONE;
}

/* Serves the first request in the input and removes it; returns 0 when none is complete. */
static int serve_next(struct connection *c) {
    char *head = c->input, *head_end = memmem(head, c->length, "\r\n\r\n", 4);
    if (!head_end) return 0;
    char *body = head_end + 4;
    size_t available = c->length - (body - head);

    *head_end = 0;
    const char *length_header = header(head, "\nContent-Length:");
    const char *encoding = header(head, "\nTransfer-Encoding:");
    *head_end = '\r';
    long length = encoding ? join_chunks(body, available) : length_header ? atol(length_header) : 0;
    if (length < 0 || (size_t)length > available) return 0;

    char kept = body[length]; /* the next request may begin here */
    if (!encoding) body[length] = 0;
    *head_end = 0;
    serve(c, head, body);
    body[length] = kept;
    c->length = available - length;
    memmove(c->input, body + length, c->length);
    return 1;
}

/* ---- connections ---- */

static void open_connections(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        *c = (struct connection){.fd = fd, .status = NONE, .capacity = INPUT_BYTES_START};
        c->input = malloc(c->capacity + 1);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
        if (++connections > counts.max_connections) counts.max_connections = connections;
    }
}

static void close_connection(struct connection *c) {
    if (c->status != NONE) forget_delayed(c);
    close(c->fd);
    free(c->input);
    free(c);
    connections--;
}

static void serve_all(struct connection *c) {
    while (c->status == NONE && serve_next(c)) {}
}

static void read_connection(struct connection *c) {
    if (c->length == c->capacity) {
        c->capacity *= 2;
        c->input = realloc(c->input, c->capacity + 1);
    }
    ssize_t n = recv(c->fd, c->input + c->length, c->capacity - c->length, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0 || c->capacity > INPUT_BYTES_MAX) {
        close_connection(c);
        return;
    }
    c->length += n;
    serve_all(c);
}

static void answer_what_is_due(void) {
    int64_t now = now_us();
    while (first_delayed && first_delayed->answer_at <= now) {
        struct connection *c = first_delayed;
        int status = c->status;
        forget_delayed(c);
        answer_change(c, status);
        serve_all(c);
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");
    return listener;
}

int main(int argc, char **argv) {
    static const struct option known[] = {{"port", 1, 0, 'p'}, {"record", 1, 0, 'o'}, {0}};
    int option, port = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'p') port = atoi(optarg);
        if (option == 'o') record = optarg;
    }
    if (port <= 0) {
        fprintf(stderr, "usage: sink --port PORT [--record FILE]\n");
        return 2;
    }
    die_with_parent();
    poller = epoll_create1(0);
    received = byte_per_id(record);
    int listener = listen_on(port);
    for (;;) {
        struct epoll_event events[256];
        int64_t wait_us = first_delayed ? first_delayed->answer_at - now_us() : 0;
        struct timespec wait = timespec_of_us(wait_us > 0 ? wait_us : 0);
        int n = epoll_pwait2(poller, events, 256, first_delayed ? &wait : NULL, NULL);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) read_connection(events[i].data.ptr);
            else open_connections(listener);
        }
        answer_what_is_due();
    }
}
