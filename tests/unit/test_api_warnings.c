// SPDX-License-Identifier: EUPL-1.2
// What status warns of, and the same in numbers: the form of /v1/metrics, and that both agree.
#include "fake_api.h"
#include "sitrep/roster_keys.h"

static json_t *get_warnings(struct fixture *fixture)
{
    struct http_reply reply;
    http_get(fixture->path, "/v1/status", &reply);
    assert_int_equal(reply.status, 200);
    json_t *status = json_loadb(reply.body, reply.body_len, JSON_REJECT_DUPLICATES, NULL);
    json_t *warnings = json_incref(json_object_get(status, "warnings"));
    assert_true(json_is_array(warnings));
    json_decref(status);
    http_reply_fini(&reply);
    return warnings;
}

// The warnings about that, as they stand.
static json_t *about(struct fixture *fixture, const char *what)
{
    json_t *warnings = get_warnings(fixture);
    json_t *found = json_array();
    size_t index;
    json_t *warning;
    json_array_foreach(warnings, index, warning)
    {
        if (strcmp(json_string_value(json_object_get(warning, "about")), what) == 0) {
            json_array_append(found, warning);
        }
    }
    json_decref(warnings);
    return found;
}

static char *get_metrics(struct fixture *fixture)
{
    struct http_reply reply;
    http_get(fixture->path, "/v1/metrics", &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.raw, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
    char *text = strndup(reply.body, reply.body_len);
    assert_non_null(text);
    http_reply_fini(&reply);
    return text;
}

// The metrics have exactly this line.
static void check_line(struct fixture *fixture, const char *line)
{
    char *text = get_metrics(fixture);
    const size_t len = strlen(line);
    const char *at = strstr(text, line);
    while (at != NULL && ((at > text && at[-1] != '\n') || at[len] != '\n')) {
        at = strstr(at + 1, line);
    }
    if (at == NULL) {
        fail_msg("no line '%s' in:\n%s", line, text);
    }
    free(text);
}

static void check_own(struct fixture *fixture, const char *what, const char *advice)
{
    char line[96];
    json_t *found = about(fixture, what);
    assert_int_equal(json_array_size(found), 1);
    const char *message = json_string_value(json_object_get(json_array_get(found, 0), "message"));
    assert_non_null(message);
    assert_non_null(strstr(message, advice));
    json_decref(found);
    snprintf(line, sizeof line, "sitrep_warnings{about=\"%s\"} 1", what);
    check_line(fixture, line);
}

static void test_what_concerns_this_node_is_told_with_what_to_do(void **state)
{
    struct fixture *fixture = *state;
    check_line(fixture, "sitrep_warnings{about=\"revoked\"} 0");
    check_line(fixture, "sitrep_warnings{about=\"transport_key\"} 0");
    fixture->desk.is_revoked = true;
    check_own(fixture, "revoked", "sitrep join request");
    fixture->desk.lacks_transport_key = true;
    check_own(fixture, "transport_key", "restart the node");
    check_line(fixture, "sitrep_warnings{about=\"roster_late\"} 0");
    fixture->desk.has_met_late_roster = true;
    check_own(fixture, "roster_late", "destroy");
    fixture->desk.is_revoked = false;
    json_t *found = about(fixture, "revoked");
    assert_int_equal(json_array_size(found), 0);
    json_decref(found);
}

static void check_fork(const json_t *forks, size_t at, const char *name, bool is_own)
{
    const json_t *fork = json_array_get(forks, at);
    assert_string_equal(json_string_value(json_object_get(fork, "name")), name);
    assert_int_equal(json_is_true(json_object_get(fork, "own")), is_own);
    assert_true(json_is_false(json_object_get(fork, "healed")));
}

static void test_forks_are_told_whosever_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    for (uint32_t i = 0; i < AUTHORS; i++) {
        fake_store(desk, &(struct fake_entry){.chain = i});
        fake_store(desk, &(struct fake_entry){.chain = i});
        fake_branch(desk, 2 + i, i, 2);
        fake_store(desk, &(struct fake_entry){.chain = 2 + i});
    }
    desk->forks = 2;
    json_t *found = about(fixture, "fork");
    assert_int_equal(json_array_size(found), 2);
    check_fork(found, 0, "be-nccn/2", true);
    check_fork(found, 1, "nl-kcr2-b/2", false);
    json_decref(found);
    check_line(fixture, "sitrep_warnings{about=\"fork\"} 2");
    check_line(fixture, "sitrep_forks 2");
}

// A version after `before` that admits a node of that name, as its authority signed it.
static struct roster *admit(const struct desk *desk, const struct roster *before, const char *name,
                            uint8_t keys)
{
    struct request request = {.centre_code = "nl-kcr2",
                              .centre_title = "Second centre",
                              .sync_endpoint = "tcp://127.0.0.1:7004",
                              .live_endpoint = "tcp://127.0.0.1:7005",
                              .time_ms = 1};
    uint8_t seed[SIGN_KEY_LEN];
    uint8_t secret[BOX_KEY_LEN];
    struct signing_key signing;
    struct roster *next = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    strcpy(request.node_name, name);
    memset(seed, keys, sizeof seed);
    signing_key_from_seed(&signing, seed, request.signing);
    crypto_box_seed_keypair(request.transport, secret, seed);
    assert_int_equal(roster_admit(before, &request, &desk->authority, &bytes, &len), ERR_OK);
    assert_int_equal(roster_decode(bytes, len, &next), ERR_OK);
    free(bytes);
    return next;
}

static void check_rosters(const json_t *warning, const struct roster *standing)
{
    const json_t *rosters = json_object_get(warning, "rosters");
    char hash[2 * ID_LEN + 1];
    assert_int_equal(json_array_size(rosters), standing->rivals_count);
    for (size_t i = 0; i < standing->rivals_count; i++) {
        const json_t *roster = json_array_get(rosters, i);
        sodium_bin2hex(hash, sizeof hash, standing->rivals[i]->hash, ID_LEN);
        assert_string_equal(json_string_value(json_object_get(roster, "hash")), hash);
        assert_int_equal(json_integer_value(json_object_get(roster, "version")),
                         standing->rivals[i]->version);
    }
}

static void check_signed_both(const json_t *warning, const uint8_t authority[static SIGN_KEY_LEN])
{
    const json_t *signers = json_object_get(warning, "signed_both");
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    char wanted[2 * KEY_FINGERPRINT_LEN + 1];
    assert_int_equal(json_array_size(signers), 1);
    key_fingerprint(authority, fingerprint);
    sodium_bin2hex(wanted, sizeof wanted, fingerprint, sizeof fingerprint);
    assert_string_equal(json_string_value(json_array_get(signers, 0)), wanted);
}

// [5.18]
static void test_a_fork_of_the_roster_is_told_with_who_signed_both(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct roster *before = desk->roster;
    struct roster *rivals[] = {admit(desk, before, "nl-three", 3),
                               admit(desk, before, "nl-four", 4)};
    struct roster *standing = NULL;
    check_line(fixture, "sitrep_warnings{about=\"roster_fork\"} 0");
    json_t *found = about(fixture, "roster_fork");
    assert_int_equal(json_array_size(found), 0);
    json_decref(found);

    assert_int_equal(roster_stand(rivals, 2, &standing), ERR_OK);
    desk->roster = standing;
    check_own(fixture, "roster_fork", "sitrep roster show");
    found = about(fixture, "roster_fork");
    check_rosters(json_array_get(found, 0), standing);
    check_signed_both(json_array_get(found, 0), before->authorities[0]);
    json_decref(found);

    desk->roster = before; // the groups have it, too
    roster_destroy(&standing);
}

static void test_numbers_are_those_of_the_status(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {
        "# TYPE sitrep_entries gauge",
        "sitrep_entries 42",
        "# TYPE sitrep_records_damaged_total counter",
        "sitrep_records_damaged_total 3",
        "sitrep_own_log_ready 1",
        "sitrep_own_revoked 0",
        "sitrep_store_failed 0",
        "sitrep_refused_total{reason=\"limit\"} 6",
        "sitrep_transport_admitted_total 5",
        "sitrep_roster_version 2",
        "sitrep_start_timestamp_seconds 1",
        "sitrep_node_info{node=\"be-nccn\",centre=\"be-nccn\"} 1",
        "sitrep_peer_converged{node=\"nl-kcr2-b\"} 1",
        "sitrep_peer_connected{node=\"nl-kcr2-b\"} 0",
        "sitrep_warnings{about=\"key_expiry\"} 3",
        "sitrep_warnings{about=\"roster_expiry\"} 0",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        check_line(fixture, lines[i]);
    }
}

// How many keys expire in exactly that time; all that have an expiry do so together.
static void check_expiry(struct fixture *fixture, int64_t seconds)
{
    char *text = get_metrics(fixture);
    size_t count = 0;
    for (const char *at = strstr(text, "\nsitrep_key_expiry_seconds{"); at != NULL;
         at = strstr(at + 1, "\nsitrep_key_expiry_seconds{")) {
        assert_int_equal(strtoll(strstr(at, "} ") + 2, NULL, 10), seconds);
        count++;
    }
    assert_int_equal(count, 3); // the founder's two and the authority's
    assert_non_null(strstr(text, "{kind=\"authority\",node=\"\",fingerprint=\""));
    assert_non_null(strstr(text, "{kind=\"transport\",node=\"be-nccn\",fingerprint=\""));
    free(text);
}

static void test_expiry_counts_down_and_beyond(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t begun = fake_now_ms;
    check_expiry(fixture, FAKE_EXPIRY_MS / 1000);
    fake_now_ms = begun + FAKE_EXPIRY_MS + 90000;
    check_expiry(fixture, -90);
    fake_now_ms = begun;
}

// A peer that was never heard of has no time of it.
static void test_what_is_unknown_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    char *text = get_metrics(fixture);
    assert_non_null(strstr(text, "# TYPE sitrep_peer_rtt_seconds gauge\n"));
    assert_null(strstr(text, "sitrep_peer_rtt_seconds{"));
    assert_null(strstr(text, "sitrep_peer_last_heard_timestamp_seconds{"));
    assert_null(strstr(text, "sitrep_roster_expiry_seconds"));
    free(text);
}

// Each sample stands under the type of its name, each name is explained once, and counters, and
// no others, are called so.
static void test_the_form_is_that_of_prometheus(void **state)
{
    struct fixture *fixture = *state;
    char *text = get_metrics(fixture);
    char seen[64][80];
    size_t seen_count = 0;
    char name[80] = "";
    char type[16] = "";
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            assert_int_equal(sscanf(line, "# HELP %79s", name), 1);
            for (size_t i = 0; i < seen_count; i++) {
                assert_string_not_equal(seen[i], name);
            }
            assert_true(seen_count < 64);
            strcpy(seen[seen_count++], name);
            assert_int_equal(line[strlen(line) - 1], '.');
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            char typed[80] = "";
            assert_int_equal(sscanf(line, "# TYPE %79s %15s", typed, type), 2);
            assert_string_equal(typed, name);
            const bool is_total = strcmp(name + strlen(name) - 6, "_total") == 0;
            assert_string_equal(type, is_total ? "counter" : "gauge");
        } else {
            const size_t len = strcspn(line, "{ ");
            char *end = NULL;
            assert_int_equal(len, strlen(name));
            assert_memory_equal(line, name, len);
            (void)strtod(strrchr(line, ' ') + 1, &end);
            assert_int_equal(*end, '\0');
        }
    }
    assert_true(seen_count > 30);
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_concerns_this_node_is_told_with_what_to_do),
        TEST(test_forks_are_told_whosever_they_are),
        TEST(test_a_fork_of_the_roster_is_told_with_who_signed_both),
        TEST(test_numbers_are_those_of_the_status),
        TEST(test_expiry_counts_down_and_beyond),
        TEST(test_what_is_unknown_is_left_out),
        TEST(test_the_form_is_that_of_prometheus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
