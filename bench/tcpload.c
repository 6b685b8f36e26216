/*
 * The load generator for TCP: sends unique JSON changes, one a line, over one connection, without waiting for each answer.
 *
 *   {"id":17,"key":"k3","seq":17,"ts":81726354,"pad":"xxx..."}
 *
 * The same changes as load.c's, and the same result. At most --window changes are unanswered at a time; answers come in the
 * order of the changes. A key's order is the order of sending.
 *
 * Prints one JSON object. Talks to 127.0.0.0/8 only.
 */
#define _GNU_SOURCE
#include "shared.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#define WINDOW_MAX 65536
#define CHUNK_BYTES 65536
#define GRACE_US 15000000 /* how long answers are awaited after the last change */

/* What --record FILE holds for each id, as in load.c. */
enum fate { NOT_SENT, SENT, ACKED, REFUSED };

static struct {
    int port;
    double seconds;
    long first_id, keys, size, window;
    const char *record;
} options = {.size = 1024, .first_id = 1, .keys = 64, .window = 1024};

static struct {
    long sent, acked, refused;
    int64_t first_sent_at, last_acked_at;
} counts;

static int peer;
static uint8_t *fates;
static struct latencies latencies;
static int64_t sent_at[WINDOW_MAX];
static char *out, *padding;
static size_t out_length, out_sent;

static void usage(void) {
    fprintf(stderr,
            "usage: tcpload --port PORT --seconds S [--size 1024] [--keys 64] [--window 1024] [--first 1] [--record FILE]\n");
    exit(2);
}

static void parse_options(int argc, char **argv) {
    static const struct option known[] = {{"port", 1, 0, 'p'}, {"seconds", 1, 0, 's'}, {"size", 1, 0, 'b'},
                                          {"keys", 1, 0, 'k'}, {"window", 1, 0, 'w'},  {"first", 1, 0, 'f'},
                                          {"record", 1, 0, 'o'}, {0}};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
            case 'p': options.port = atoi(optarg); break;
            case 's': options.seconds = atof(optarg); break;
            case 'b': options.size = atol(optarg); break;
            case 'k': options.keys = atol(optarg); break;
            case 'w': options.window = atol(optarg); break;
            case 'f': options.first_id = atol(optarg); break;
            case 'o': options.record = optarg; break;
            default: usage();
        }
    }
    if (optind < argc || options.port < 1 || options.seconds <= 0 || options.size < 0 || options.keys < 1) usage();
    if (options.window < 1 || options.window > WINDOW_MAX || options.first_id < 0) usage();
}

static void dial(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer = socket(AF_INET, SOCK_STREAM, 0);
    if (peer < 0 || connect(peer, (struct sockaddr *)&address, sizeof address)) die("connect");
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static long unanswered(void) { return counts.sent - counts.acked - counts.refused; }

/* Fills the buffer with changes, as far as the window and the buffer go. */
static void prepare(int64_t now) {
    out_length = out_sent = 0;
    while (unanswered() < options.window && out_length + 200 < CHUNK_BYTES) {
        long id = options.first_id + counts.sent;
        char *start = out + out_length;
        int length = sprintf(start, "{\"id\":%ld,\"key\":\"k%ld\",\"seq\":%ld,\"ts\":%lld,\"pad\":\"", id, id % options.keys, id,
                             (long long)now);
        int pad_length = options.size > length + 2 ? options.size - length - 2 : 0;
        out_length += length + sprintf(start + length, "%.*s\"}\n", pad_length, padding);
        sent_at[counts.sent % WINDOW_MAX] = now;
        if (counts.sent++ == 0) counts.first_sent_at = now;
        fates[id] = SENT;
    }
}

static void send_some(void) {
    ssize_t n = send(peer, out + out_sent, out_length - out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) die("send");
    if (n > 0) out_sent += n;
}

/* An answer is a line; an error names itself. */
static void settle(const char *line) {
    long answered = counts.acked + counts.refused;
    int64_t now = now_us();
    int accepted = !strstr(line, "\"error\"");
    fates[options.first_id + answered] = accepted ? ACKED : REFUSED;
    if (accepted) {
        counts.acked++;
        counts.last_acked_at = now;
        latency_add(&latencies, now - sent_at[answered % WINDOW_MAX]);
    } else {
        counts.refused++;
    }
}

static void receive_some(void) {
    static char in[CHUNK_BYTES + 1];
    static size_t in_length;
    ssize_t n = recv(peer, in + in_length, CHUNK_BYTES - in_length, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) die("the connection ended");
    if (n < 0) return;
    in_length += n;
    in[in_length] = 0;
    char *line = in, *end;
    while ((end = strchr(line, '\n'))) {
        *end = 0;
        settle(line);
        line = end + 1;
    }
    in_length -= line - in;
    memmove(in, line, in_length);
}

static void run(int64_t ends_at) {
    for (;;) {
        int64_t now = now_us();
        int may_send = now < ends_at && options.first_id + counts.sent + options.window < IDS_MAX;
        if (out_sent == out_length && may_send) prepare(now);
        if (!may_send && out_sent == out_length && (unanswered() == 0 || now > ends_at + GRACE_US)) return;
        int has_more = out_sent < out_length;
        struct pollfd events = {.fd = peer, .events = POLLIN | (has_more ? POLLOUT : 0)};
        poll(&events, 1, 5);
        if (events.revents & ~POLLOUT) receive_some();
        if (events.revents & POLLOUT) send_some();
    }
}

int main(int argc, char **argv) {
    parse_options(argc, argv);
    die_with_parent();
    fates = byte_per_id(options.record);
    out = malloc(CHUNK_BYTES + 2 * options.size + 1024);
    padding = malloc(options.size + 1);
    memset(padding, 'x', options.size);
    padding[options.size] = 0;
    dial();
    int64_t started_at = now_us(), ends_at = started_at + (int64_t)(options.seconds * 1e6);
    run(ends_at);
    double seconds = (ends_at - started_at) / 1e6;
    printf("{\"sent\": %ld, \"acked\": %ld, \"refused\": %ld, \"broken\": 0, \"unanswered\": %ld, ", counts.sent, counts.acked,
           counts.refused, unanswered());
    printf("\"seconds\": %.3f, \"acked_per_second\": %.1f, \"first_sent_us\": %lld, \"last_acked_us\": %lld, ", seconds,
           counts.acked / seconds, (long long)counts.first_sent_at, (long long)counts.last_acked_at);
    printf("\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"cpu_seconds\": %.2f, \"statuses\": {}}\n",
           latency_ms(&latencies, .5), latency_ms(&latencies, .9), latency_ms(&latencies, .99), latencies.max_us / 1e3,
           cpu_seconds());
    return 0;
}
