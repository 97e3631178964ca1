// tests/test_http.c
// What scripts of their own cannot show of http: https with a certificate that is made for the occasion, the benchmark's server,
// and a Ctrl-C and a cancellation at every boundary of a client and its server.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"

static char room[] = "/tmp/tg-http-XXXXXX";

static bool shell(const char *words) {
    char command[1024];
    snprintf(command, sizeof command, "room=%s; %s", room, words);
    return system(command) == 0;
}

static const char *const certificate =
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $room/key.pem -out $room/cert.pem -days 2 "
    "-subj /CN=test -addext subjectAltName=DNS:localhost > $room/log 2>&1 && cp tests/http/_tls.tg $room/tls.tg";

Test(http, https_trusts_whom_it_is_told_to, .timeout = 120) {
    if (!shell("command -v openssl > /dev/null")) cr_skip_test("there is no command openssl to make a certificate with");
    cr_assert(mkdtemp(room));
    cr_assert(shell(certificate), "openssl failed: %s/log", room);
    cr_expect(scripts_run_stressed(room) == 1, "above");
    cr_expect(shell("rm -r $room"));
}

Test(http, nothing_is_left_at_any_boundary, .timeout = 600) {
    setenv("TG_TEST_TIMEOUT", "300", 1); // many runs in one
    static const char *const check[] = {"check", "--interrupts", "--cancel", MOST_RUNS(150), "interrupts_leave_nothing.tg", NULL};
    Ended ended = run_tg("tests/conformance/http", check, NULL);
    cr_expect(ended.exit_status == 0 || ended.exit_status == 3, "%s%s", ended.out.data, ended.err.data);
    ended_free(&ended);
}

// A file in place of the library, which cannot be loaded, stands for a machine without it.
static void expect_without(const char *library, const char *script, const char *message) {
    cr_assert(mkdtemp(room));
    char words[128];
    snprintf(words, sizeof words, "echo none > $room/%s", library);
    cr_assert(shell(words));
    setenv("LD_LIBRARY_PATH", room, 1);
    Ended ended = run_tg(NULL, (const char *const[]){"-e", script, NULL}, NULL);
    cr_expect(strstr(ended.err.data, message), "%s", ended.err.data);
    cr_expect(ended.exit_status == 1);
    ended_free(&ended);
    unsetenv("LD_LIBRARY_PATH");
    cr_expect(shell("rm -r $room"));
}

Test(http, without_libcurl_the_client_says_what_is_missing) {
    expect_without("libcurl.so.4 && cp $room/libcurl.so.4 $room/libcurl-gnutls.so.4", "import http\nhttp.get(\"http://127.0.0.1:1/\")",
                   "the client of http needs libcurl, which is not installed here: its package is libcurl4 (ENOSYS)");
}

Test(http, without_libcurl_there_is_no_client_to_keep) {
    expect_without("libcurl.so.4 && cp $room/libcurl.so.4 $room/libcurl-gnutls.so.4", "import http\nhttp.client()", "its package is libcurl4 (ENOSYS)");
}

Test(http, without_openssl_tls_says_what_is_missing) {
    expect_without("libssl.so.3", "import net\nnet.tls_context()",
                   "TLS needs OpenSSL 3, which is not installed here: its package is libssl3 (ENOSYS)");
}
