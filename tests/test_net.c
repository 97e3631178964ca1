// tests/test_net.c
// What scripts of their own cannot show of the net: a server that Ctrl-C ends while a thousand clients are there, and TLS
// with certificates that are made for the occasion.
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support.h"

// ---- a server and its clients

typedef struct {
    pid_t pid;
    FILE *out;
} Child;

static Child start(const char *const *argv) {
    int ends[2];
    cr_assert(pipe(ends) == 0);
    Child child = {.pid = fork()};
    cr_assert(child.pid >= 0);
    if (child.pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]), close(ends[1]);
        become_tg(NULL, argv);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    child.out = fdopen(ends[0], "r");
    return child;
}

static void expect_line(Child *child, const char *begin, char *line, int room) {
    cr_assert(fgets(line, room, child->out) && !strncmp(line, begin, strlen(begin)), "expected %s, came %s", begin, line);
}

static int end_of(Child *child) {
    int status;
    fclose(child->out);
    cr_assert(waitpid(child->pid, &status, 0) == child->pid);
    return status;
}

Test(net, ctrl_c_closes_a_thousand_connections, .timeout = 120) {
    char line[256] = "", port[16];
    Child server = start((const char *const[]){"tg", "examples/echo_server.tg", "0", NULL});
    expect_line(&server, "listening at 127.0.0.1:", line, sizeof line);
    snprintf(port, sizeof port, "%d", atoi(strrchr(line, ':') + 1));
    Child clients = start((const char *const[]){"tg", "tests/net/clients.tg", port, "1000", NULL});
    expect_line(&clients, "all are here", line, sizeof line);
    kill(server.pid, SIGINT);
    expect_line(&clients, "1000 were left", line, sizeof line);
    cr_expect(end_of(&clients) == 0);
    int status = end_of(&server);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x", (unsigned)status);
}

// ---- TLS

static char room[] = "/tmp/tg-net-XXXXXX";

// An openssl command in the room.
static bool openssl(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool openssl(const char *format, ...) {
    char words[1024], command[1400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    snprintf(command, sizeof command, "cd %s && openssl %s > log 2>&1", room, words);
    return system(command) == 0;
}

static bool make_certificate(const char *name, const char *hosts, int days) {
    return openssl("ecparam -name prime256v1 -genkey -noout -out %s.key", name) &&
           openssl("req -new -key %s.key -subj /CN=test -addext subjectAltName=%s -out %s.csr", name, hosts, name) &&
           openssl("x509 -req -in %s.csr -signkey %s.key -days %d -copy_extensions copy -out %s.pem", name, name, days, name);
}

static void copy_script(void) {
    Bytes text = {0};
    char path[64];
    snprintf(path, sizeof path, "%s/tls.tg", room);
    FILE *file = fopen(path, "w");
    cr_assert(file && bytes_read(&text, "tests/net/_tls.tg") && fwrite(text.data, 1, text.length, file) == text.length);
    fclose(file);
    bytes_free(&text);
}

static void remove_room(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", room);
    cr_expect(system(command) == 0);
}

Test(net, tls_is_trusted_for_good_reasons_only, .timeout = 120) {
    if (system("command -v openssl > /dev/null") != 0) cr_skip_test("there is no command openssl to make certificates with");
    cr_assert(mkdtemp(room));
    cr_assert(make_certificate("good", "DNS:localhost,IP:127.0.0.1", 2) && make_certificate("other", "DNS:other.example", 2) &&
              make_certificate("old", "DNS:localhost", -1), "openssl failed: %s/log", room);
    copy_script();
    cr_expect(scripts_run_stressed(room) == 1, "above");
    setenv("TG_TEST_TIMEOUT", "100", 1); // many runs in one
    Ended ended = run_tg(room, (const char *const[]){"check", "--interrupts", "--cancel", MOST_RUNS(80), "tls.tg", ".", NULL}, NULL);
    cr_expect(ended.exit_status == 0 || ended.exit_status == 3, "%s%s", ended.out.data, ended.err.data);
    remove_room();
}
