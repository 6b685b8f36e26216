/*
 * The load generator: POSTs unique JSON changes over a fixed number of connections, on one thread.
 *
 *   {"id":17,"key":"k3","seq":17,"ts":81726354,"pad":"xxx..."}
 *
 * id rises with every request, seq is the same number, ts is the time of sending in microseconds (see now_us).
 * Each key is sent by one connection only, which waits for each answer, so a key's order is the order in which
 * its sender saw its changes accepted. (With fewer keys than connections that is not so.)
 *
 * Closed loop (no --rate): every connection sends again as soon as it is answered.
 * Open loop (--rate): requests are due at a fixed pace, whatever the answers do, and a latency counts from when its
 * request was due: a stalled server also pays for the requests that it kept from being sent.
 *
 * With --requests FILE it sends, instead of changes of its own making, the requests in that file, each once and in their
 * order: four bytes of length, highest first, then the request as it goes over the wire.
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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define RESPONSE_BYTES_MAX 16384
#define GRACE_US 15000000 /* how long answers are awaited after the last request */
#define PAUSE_US 20000    /* how long a connection rests after a refusal or a failure */
#define IDLE_WAIT_US 5000
#define NEVER INT64_MAX

/* What --record FILE holds for each id. */
enum fate { NOT_SENT, SENT, ACKED, REFUSED };

enum state { CLOSED, CONNECTING, IDLE, SENDING, AWAITING };

struct connection {
    enum state state;
    int fd, number;
    long turn, id;
    int64_t usable_at, due_at;
    size_t request_length, request_sent, response_length;
    char *request, *response;
};

static struct {
    struct sockaddr_in address;
    char path[256];
    double seconds, rate;
    long count, first_id, connections, keys, first_key, size;
    const char *record, *requests;
} options = {.path = "/", .connections = 64, .size = 1024, .first_id = 1};

static struct {
    long sent, acked, refused, broken, in_flight, statuses[600];
    int64_t first_sent_at, last_acked_at;
} counts;

static int poller;
static int64_t started_at, ends_at;
static uint8_t *fates;
static struct latencies latencies;
static char *padding;

/* The requests of --requests FILE by their numbers, from 0. */
static struct {
    char *start;
    uint32_t length;
} *prepared;
static long prepared_count;

static void usage(void) {
    fprintf(stderr,
            "usage: load --url http://127.0.0.1:PORT/PATH (--seconds S | --count ACCEPTED)\n"
            "  [--connections 64] [--rate PER_SECOND] [--size 1024] [--keys CONNECTIONS] [--first 1]\n"
            "  [--first-key 0] [--record FILE] [--requests FILE]\n");
    exit(2);
}

static void parse_url(const char *url) {
    char host[64];
    int port = 80;
    if (sscanf(url, "http://%63[0-9.]:%d%255s", host, &port, options.path) < 2) usage();
    options.address.sin_family = AF_INET;
    options.address.sin_port = htons(port);
    if (inet_pton(AF_INET, host, &options.address.sin_addr) != 1) usage();
    if (ntohl(options.address.sin_addr.s_addr) >> 24 != 127) {
        fprintf(stderr, "load: only loopback addresses (127.x) may be loaded, not %s\n", host);
        exit(2);
    }
}

static void parse_options(int argc, char **argv) {
    static const struct option known[] = {{"url", 1, 0, 'u'},   {"seconds", 1, 0, 's'}, {"count", 1, 0, 'n'},
                                          {"connections", 1, 0, 'c'}, {"rate", 1, 0, 'r'}, {"size", 1, 0, 'b'},
                                          {"keys", 1, 0, 'k'},  {"first", 1, 0, 'f'},   {"record", 1, 0, 'o'},
                                          {"requests", 1, 0, 'p'}, {"first-key", 1, 0, 'y'}, {0}};
    int option, have_url = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
            case 'u': parse_url(optarg); have_url = 1; break;
            case 's': options.seconds = atof(optarg); break;
            case 'n': options.count = atol(optarg); break;
            case 'c': options.connections = atol(optarg); break;
            case 'r': options.rate = atof(optarg); break;
            case 'b': options.size = atol(optarg); break;
            case 'k': options.keys = atol(optarg); break;
            case 'y': options.first_key = atol(optarg); break;
            case 'f': options.first_id = atol(optarg); break;
            case 'o': options.record = optarg; break;
            case 'p': options.requests = optarg; break;
            default: usage();
        }
    }
    if (!have_url || optind < argc || options.connections < 1 || options.size < 0 || options.first_id < 0) usage();
    if (options.seconds <= 0 && options.count <= 0) usage();
    if (options.keys < 1) options.keys = options.connections;
}

static void watch(struct connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(poller, operation, c->fd, &event)) die("epoll_ctl");
}

static void dial(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connect(c->fd, (struct sockaddr *)&options.address, sizeof options.address); /* its result comes as an event */
    c->state = CONNECTING;
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void hang_up(struct connection *c, int64_t usable_at) {
    close(c->fd);
    c->state = CLOSED;
    c->usable_at = usable_at;
}

/* The connection failed; what became of its request, if it had one, is unknown. */
static void fail(struct connection *c) {
    counts.broken++;
    if (c->state == SENDING || c->state == AWAITING) counts.in_flight--;
    hang_up(c, now_us() + PAUSE_US);
}

/* When the next request is due by the clock alone. */
static int64_t next_due_at(void) {
    return options.rate > 0 ? started_at + (int64_t)(counts.sent * 1e6 / options.rate) : 0;
}

static int all_sent(void) {
    return options.first_id + counts.sent >= (options.requests ? prepared_count : IDS_MAX);
}

static int may_send(int64_t now) {
    if (now >= ends_at || all_sent()) return 0;
    return options.count <= 0 || counts.acked + counts.in_flight < options.count;
}

static void write_request(struct connection *c) {
    while (c->request_sent < c->request_length) {
        ssize_t n = send(c->fd, c->request + c->request_sent, c->request_length - c->request_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        if (n < 0) {
            fail(c);
            return;
        }
        c->request_sent += n;
    }
    c->state = AWAITING;
}

/* The connection's keys are its own number and every further one at the distance of all connections; in turn. */
static long next_key(struct connection *c) {
    if (options.keys <= options.connections) return c->number % options.keys;
    long own = (options.keys - c->number + options.connections - 1) / options.connections;
    return c->number + c->turn++ % own * options.connections;
}

static void read_prepared(void) {
    int fd = open(options.requests, O_RDONLY);
    struct stat file;
    if (fd < 0 || fstat(fd, &file)) die(options.requests);
    char *bytes = mmap(NULL, file.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED) die("mmap");
    prepared = malloc((file.st_size / 64 + 1) * sizeof *prepared); /* no request is that short */
    for (off_t at = 0; at + 4 <= file.st_size; prepared_count++) {
        uint32_t length;
        memcpy(&length, bytes + at, 4);
        prepared[prepared_count].length = ntohl(length);
        prepared[prepared_count].start = bytes + at + 4;
        at += 4 + prepared[prepared_count].length;
    }
}

static void make_request(struct connection *c) {
    char start[160];
    int start_length = snprintf(start, sizeof start, "{\"id\":%ld,\"key\":\"k%ld\",\"seq\":%ld,\"ts\":%lld,\"pad\":\"",
                                c->id, options.first_key + next_key(c), c->id, (long long)c->due_at);
    int pad_length = options.size > start_length + 2 ? options.size - start_length - 2 : 0;
    c->request_length = sprintf(c->request,
                                "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                                "Content-Length: %d\r\n\r\n%s%.*s\"}",
                                options.path, ntohs(options.address.sin_port), start_length + pad_length + 2, start,
                                pad_length, padding);
}

static void send_change(struct connection *c, int64_t now) {
    c->id = options.first_id + counts.sent;
    c->due_at = options.rate > 0 ? next_due_at() : now;
    if (options.requests) {
        c->request = prepared[c->id].start;
        c->request_length = prepared[c->id].length;
    } else {
        make_request(c);
    }
    c->request_sent = c->response_length = 0;
    c->state = SENDING;
    if (counts.sent++ == 0) counts.first_sent_at = now;
    counts.in_flight++;
    fates[c->id] = SENT;
    write_request(c);
}

/* In turn: at a slow pace the first connections would send all otherwise, and their keys get all changes. */
static void send_what_is_due(struct connection *connections, int64_t now) {
    static long first;
    long start = first;
    for (long i = 0; i < options.connections; i++) {
        long number = (start + i) % options.connections;
        struct connection *c = &connections[number];
        if (c->state == CLOSED && c->usable_at <= now && now < ends_at) dial(c);
        if (c->state == IDLE && c->usable_at <= now && next_due_at() <= now && may_send(now)) {
            send_change(c, now);
            first = number + 1;
        }
    }
}

/* Whether the answer is all there; its end is known from its length, from its last chunk, or from the hang-up. */
static int response_complete(struct connection *c, int hung_up, int *status, int *must_close) {
    c->response[c->response_length] = 0;
    char *end = strstr(c->response, "\r\n\r\n");
    if (!end) return 0;
    *end = 0;
    size_t body = c->response_length - (end + 4 - c->response);
    const char *length = header(c->response, "\nContent-Length:");
    const char *encoding = header(c->response, "\nTransfer-Encoding:");
    const char *connection = header(c->response, "\nConnection:");
    *status = atoi(c->response + strlen("HTTP/1.1 "));
    *must_close = hung_up || (connection && !strncasecmp(connection, "close", 5));
    int complete = hung_up;
    if (*status == 204 || *status == 304) complete = 1;
    else if (length) complete = body >= (size_t)atol(length);
    else if (encoding) complete = body >= 5 && !memcmp(c->response + c->response_length - 5, "0\r\n\r\n", 5);
    *end = '\r';
    return complete;
}

static void settle(struct connection *c, int status, int must_close) {
    int64_t now = now_us();
    int accepted = status >= 200 && status < 300;
    counts.in_flight--;
    counts.statuses[status > 0 && status < 600 ? status : 0]++;
    fates[c->id] = accepted ? ACKED : REFUSED;
    if (accepted) {
        counts.acked++;
        counts.last_acked_at = now;
        latency_add(&latencies, now - c->due_at);
    } else {
        counts.refused++;
    }
    c->state = IDLE;
    c->usable_at = accepted ? now : now + PAUSE_US;
    if (must_close) hang_up(c, c->usable_at);
}

static void read_response(struct connection *c) {
    int status, must_close;
    ssize_t n = recv(c->fd, c->response + c->response_length, RESPONSE_BYTES_MAX - 1 - c->response_length, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0) c->response_length += n;
    if (c->state == AWAITING && response_complete(c, n <= 0, &status, &must_close)) {
        settle(c, status, must_close);
    } else if (c->state == IDLE && n <= 0) {
        hang_up(c, now_us()); /* the server may close what is idle */
    } else if (n <= 0 || c->response_length >= RESPONSE_BYTES_MAX - 1) {
        fail(c);
    }
}

static void on_event(struct connection *c, uint32_t events) {
    if (c->state == CONNECTING) {
        int error = 0;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
        if (error) {
            fail(c);
        } else if (events & EPOLLOUT) {
            c->state = IDLE;
            watch(c, EPOLL_CTL_MOD, EPOLLIN);
        }
        return;
    }
    if (c->state == SENDING && (events & EPOLLOUT)) {
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        write_request(c);
    }
    if (c->state != CLOSED && (events & ~EPOLLOUT)) read_response(c);
}

/* How long nothing has to be sent: until the next request is due, but look again soon. */
static struct timespec wait_time(int64_t now) {
    int64_t wait = IDLE_WAIT_US;
    if (options.rate > 0 && next_due_at() > now && next_due_at() - now < wait) wait = next_due_at() - now;
    return timespec_of_us(wait);
}

static void run(struct connection *connections) {
    struct epoll_event events[256];
    int64_t give_up_at = NEVER;
    for (;;) {
        int64_t now = now_us();
        send_what_is_due(connections, now);
        if (!may_send(now)) {
            int done = options.count > 0 && counts.acked >= options.count;
            if (counts.in_flight == 0 && (now >= ends_at || done || all_sent())) return;
            if (give_up_at == NEVER) give_up_at = now + GRACE_US;
            if (now > give_up_at) return;
        } else {
            give_up_at = NEVER;
        }
        struct timespec wait = wait_time(now);
        int n = epoll_pwait2(poller, events, 256, &wait, NULL);
        for (int i = 0; i < n; i++) on_event(events[i].data.ptr, events[i].events);
    }
}

static void print_result(void) {
    int64_t stopped_at = now_us() < ends_at ? now_us() : ends_at;
    double seconds = (stopped_at - started_at) / 1e6;
    printf("{\"sent\": %ld, \"acked\": %ld, \"refused\": %ld, \"broken\": %ld, \"unanswered\": %ld, ", counts.sent,
           counts.acked, counts.refused, counts.broken, counts.sent - counts.acked - counts.refused);
    printf("\"seconds\": %.3f, \"acked_per_second\": %.1f, \"first_sent_us\": %lld, \"last_acked_us\": %lld, ", seconds,
           counts.acked / seconds, (long long)counts.first_sent_at, (long long)counts.last_acked_at);
    printf("\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, ", latency_ms(&latencies, .5),
           latency_ms(&latencies, .9), latency_ms(&latencies, .99), latencies.max_us / 1e3);
    printf("\"cpu_seconds\": %.2f, \"statuses\": {", cpu_seconds());
    const char *separator = "";
    for (int status = 0; status < 600; status++) {
        if (counts.statuses[status] == 0) continue;
        printf("%s\"%d\": %ld", separator, status, counts.statuses[status]);
        separator = ", ";
    }
    printf("}}\n");
}

int main(int argc, char **argv) {
    parse_options(argc, argv);
    die_with_parent();
    poller = epoll_create1(0);
    fates = byte_per_id(options.record);
    padding = malloc(options.size + 1);
    memset(padding, 'x', options.size);
    padding[options.size] = 0;
    struct connection *connections = calloc(options.connections, sizeof *connections);
    for (long i = 0; i < options.connections; i++) {
        connections[i].number = i;
        connections[i].request = malloc(options.size + 1024);
        connections[i].response = malloc(RESPONSE_BYTES_MAX);
    }
    if (options.requests) read_prepared();
    started_at = now_us();
    ends_at = options.seconds > 0 ? started_at + (int64_t)(options.seconds * 1e6) : NEVER;
    run(connections);
    print_result();
    return 0;
}
