// SPDX-License-Identifier: EUPL-1.2
// POST /v1/fsck: checks every entry of the store against its id, and every chain for gaps, and says
// how far it is. Mends nothing itself: the desk fetches what is damaged from a peer.
#include <stdlib.h>
#include <string.h>

#include "api/call.h"

enum {
    STEP_COUNT = 4096,      // records checked between two lines
    DAMAGED_MAX = 10 * 1000 // named in the end; more are counted
};

struct place {
    uint32_t chain;
    uint64_t seq;
};

struct check {
    struct stream stream;
    const struct desk_view *view;
    uint64_t checked;
    uint64_t total;
    uint64_t at;      // of store_scrub
    uint32_t *chains; // numbers
    size_t chains_count;
    size_t chain;      // place in `chains` that is being walked
    uint64_t chain_at; // of store_scrub_chain
    struct place *damaged;
    size_t damaged_count;
    uint64_t damaged_total;
    bool has_scrubbed;
};

static void check_destroy(struct stream *stream)
{
    struct check *check = (struct check *)stream;
    free(check->chains);
    free(check->damaged);
    free(check);
}

static enum err add_chain(void *context, const struct chain *chain)
{
    struct check *check = context;
    if (check->chains_count % 64 == 0) {
        uint32_t *chains =
            realloc(check->chains, (check->chains_count + 64) * sizeof *check->chains);
        if (chains == NULL) {
            return ERR_NO_SPACE;
        }
        check->chains = chains;
    }
    check->chains[check->chains_count++] = chain->number;
    return ERR_OK;
}

static void note_damaged(void *context, uint32_t chain, uint64_t seq)
{
    struct check *check = context;
    // The walk over chains finds again what the walk over records has found.
    for (size_t i = 0; i < check->damaged_count; i++) {
        if (check->damaged[i].chain == chain && check->damaged[i].seq == seq) {
            return;
        }
    }
    check->damaged_total++;
    if (check->damaged_count == DAMAGED_MAX) {
        return;
    }
    if (check->damaged == NULL) {
        check->damaged = calloc(DAMAGED_MAX, sizeof *check->damaged);
    }
    if (check->damaged != NULL) {
        check->damaged[check->damaged_count++] = (struct place){chain, seq};
    }
}

static void write_damaged(const struct check *check, const struct place *place, struct text *out)
{
    struct record record = {.chain = place->chain, .seq = place->seq};
    struct named named;
    text_open(out, '{');
    text_key(out, "name");
    if (naming_of(check->view->naming, desk_roster(check->view->desk), &record, &named) == ERR_OK) {
        char name[NAME_SIZE];
        name_format(&named.name, name);
        text_string(out, name);
    } else {
        text_null(out);
    }
    text_close(out, '}');
}

static void write_result(const struct check *check, struct text *out)
{
    text_open(out, '{');
    text_key(out, "checked");
    text_uint(out, check->checked);
    text_key(out, "damaged");
    text_open(out, '[');
    for (size_t i = 0; i < check->damaged_count; i++) {
        write_damaged(check, &check->damaged[i], out);
    }
    text_close(out, ']');
    text_key(out, "ok");
    text_bool(out, check->damaged_total == 0);
    text_close(out, '}');
    text_end_line(out);
}

static void write_progress(const struct check *check, struct text *out)
{
    text_open(out, '{');
    text_key(out, "checked");
    text_uint(out, check->checked);
    text_key(out, "total");
    text_uint(out, check->total);
    text_close(out, '}');
    text_end_line(out);
}

static void write_failure(enum err err, struct text *out)
{
    text_open(out, '{');
    text_key(out, "error");
    text_open(out, '{');
    text_key(out, "code");
    text_string(out, err == ERR_STATE ? "stopping" : "failed");
    text_key(out, "message");
    text_string(out, err == ERR_STATE ? "the node is stopping" : err_text(err));
    text_close(out, '}');
    text_close(out, '}');
    text_end_line(out);
}

// Some records, in order of arrival.
static enum err check_records(struct check *check)
{
    struct store *store = desk_store(check->view->desk);
    enum err err = store_scrub(store, &check->at, STEP_COUNT, note_damaged, check);
    check->has_scrubbed = err == ERR_NOT_FOUND;
    check->checked = check->has_scrubbed ? check->total : check->checked + STEP_COUNT;
    if (check->checked > check->total) {
        check->checked = check->total;
    }
    return check->has_scrubbed ? ERR_OK : err;
}

// Some entries of the chain being walked.
static enum err check_chain(struct check *check)
{
    struct store *store = desk_store(check->view->desk);
    enum err err = store_scrub_chain(store, check->chains[check->chain], &check->chain_at,
                                     STEP_COUNT, note_damaged, check);
    if (err == ERR_NOT_FOUND) {
        check->chain++;
        check->chain_at = 0;
        return ERR_OK;
    }
    return err;
}

static enum stream_state check_fill(struct stream *stream, struct text *out)
{
    struct check *check = (struct check *)stream;
    if (desk_is_stopping(check->view->desk)) {
        write_failure(ERR_STATE, out);
        return STREAM_ENDED;
    }
    // The node is about to rebuild the store: nothing that was found so far stands.
    if (store_is_suspect(desk_store(check->view->desk))) {
        write_failure(ERR_CORRUPT, out);
        return STREAM_ENDED;
    }
    if (check->has_scrubbed && check->chain == check->chains_count) {
        write_result(check, out);
        return STREAM_ENDED;
    }
    size_t before = check->damaged_count;
    enum err err = check->has_scrubbed ? check_chain(check) : check_records(check);
    for (size_t i = before; i < check->damaged_count; i++) {
        desk_report_damaged(check->view->desk, check->damaged[i].chain, check->damaged[i].seq);
    }
    if (err != ERR_OK) {
        write_failure(err, out);
        return STREAM_ENDED;
    }
    if (!check->has_scrubbed || check->chain == 0) {
        write_progress(check, out);
    }
    return STREAM_GOES_ON;
}

void fsck_post(struct call *call)
{
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    check->stream.fill = check_fill;
    check->stream.destroy = check_destroy;
    check->view = call->view;
    struct store *store = desk_store(call->view->desk);
    struct store_stats stats;
    store_get_stats(store, &stats);
    check->total = stats.entries;
    enum err err = store_each_chain(store, add_chain, check);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the store");
        check_destroy(&check->stream);
        return;
    }
    reply_stream(&call->reply, &check->stream);
}
