// SPDX-License-Identifier: EUPL-1.2
// Makes the homes by the same calls the command line uses, and the entries by the same calls the
// engine uses.
#include "bench/federation.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "bench/measure.h"
#include "bench/mix.h"
#include "sitrep/invitation.h"
#include "store/store.h"

enum { TURN = 32, FIRST_PORT = 21000 };

static void must(enum err err, const char *what)
{
    if (err != ERR_OK) {
        fprintf(stderr, "bench: %s: %s\n", what, err_text(err));
        exit(EXIT_FAILURE);
    }
}

static void make_home(struct home *home, const char *path, struct node_keys **keys)
{
    static const char config[] = "log\n    level = info\n";

    must(home_create(home, path), "home");
    must(home_create_node_keys(home, NULL, keys), "keys");
    must(home_write(home, "node.conf", (const uint8_t *)config, sizeof config - 1), "node.conf");
}

static void admit(struct roster **roster, const struct request *request,
                  const struct signing_key *authority)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *next = NULL;

    must(roster_admit(*roster, request, authority, &bytes, &len), "admit");
    must(roster_decode(bytes, len, &next), "roster");
    free(bytes);
    roster_destroy(roster);
    *roster = next;
}

// Of a centre of its own.
static struct request request_for(const char *name, uint16_t port, const uint8_t *signing,
                                  const uint8_t *transport)
{
    struct request request = {.time_ms = 1};

    (void)snprintf(request.centre_code, sizeof request.centre_code, "%s", name);
    (void)snprintf(request.centre_title, sizeof request.centre_title, "%s", name);
    (void)snprintf(request.node_name, sizeof request.node_name, "%s", name);
    (void)snprintf(request.sync_endpoint, sizeof request.sync_endpoint, "tcp://127.0.0.1:%u", port);
    (void)snprintf(request.live_endpoint, sizeof request.live_endpoint, "tcp://127.0.0.1:%u",
                   port + 1U);
    memcpy(request.signing, signing, SIGN_KEY_LEN);
    memcpy(request.transport, transport, BOX_KEY_LEN);
    return request;
}

static void admit_authors(struct bench_federation *federation, struct roster **roster,
                          const struct signing_key *authority)
{
    for (size_t i = 0; i < federation->authors_count; i++) {
        uint8_t seed[SIGN_KEY_LEN];
        uint8_t transport_public[BOX_KEY_LEN];
        uint8_t transport_secret[BOX_KEY_LEN];
        char name[NAME_MAX_LEN + 1];
        struct request request;

        randombytes_buf(seed, sizeof seed);
        signing_key_from_seed(&federation->authors[i], seed, federation->authors_public[i]);
        crypto_box_keypair(transport_public, transport_secret);
        (void)snprintf(name, sizeof name, "author-%zu", i);
        // Port 1: nobody listens there, and these nodes never run.
        request = request_for(name, 1, federation->authors_public[i], transport_public);
        (void)snprintf(request.centre_code, sizeof request.centre_code, "centre-%zu", i / 2);
        admit(roster, &request, authority);
    }
}

static void save(struct home *home, const struct roster *roster, const struct group_keys *keys)
{
    struct roster *kept = NULL;

    must(home_add_roster(home, roster->signed_document.bytes, roster->signed_document.len, &kept),
         "roster");
    must(home_save_group_keys(home, NULL, keys), "group keys");
    roster_destroy(&kept);
}

static struct roster *found(const struct bench_federation *federation, const struct node_keys *keys,
                            const struct signing_key *authority)
{
    struct request request = request_for("source", federation->source_port, keys->signing_public,
                                         keys->transport[0].public_key);
    struct roster_founding founding = {.name = "bench",
                                       .centre_code = "source",
                                       .centre_title = "source",
                                       .node_name = "source",
                                       .sync_endpoint = request.sync_endpoint,
                                       .live_endpoint = request.live_endpoint,
                                       .signing = keys->signing_public,
                                       .transport = keys->transport[0].public_key};
    struct roster *roster = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;

    must(roster_found(&founding, authority, &bytes, &len), "found");
    must(roster_decode(bytes, len, &roster), "roster");
    free(bytes);
    return roster;
}

static void make_group_key(struct bench_federation *federation, struct group_keys *keys)
{
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];

    group_all_members(federation->space, group);
    randombytes_buf(secret, sizeof secret);
    group_key_derive(&federation->group_key, group, secret);
    keys->count = 1;
    keys->keys[0] = federation->group_key;
}

static void name_folders(struct bench_federation *federation, const char *below)
{
    federation->source_port = FIRST_PORT;
    federation->sink_port = FIRST_PORT + 2;
    (void)snprintf(federation->folder, sizeof federation->folder, "%s/federation-XXXXXX", below);
    must(mkdtemp(federation->folder) != NULL ? ERR_OK : ERR_IO, federation->folder);
    (void)snprintf(federation->source, sizeof federation->source, "%s/source", federation->folder);
    (void)snprintf(federation->sink, sizeof federation->sink, "%s/sink", federation->folder);
}

void bench_federation_make(struct bench_federation *federation, const char *below, size_t authors)
{
    struct home source;
    struct home sink;
    struct node_keys *source_keys = NULL;
    struct node_keys *sink_keys = NULL;
    struct signing_key authority;
    uint8_t seed[SIGN_KEY_LEN];
    uint8_t authority_public[SIGN_KEY_LEN];
    struct group_keys *keys = calloc(1, sizeof *keys);
    struct roster *roster;
    struct request request;

    assert(keys != NULL && authors > 0 && authors <= BENCH_AUTHORS_MAX);
    memset(federation, 0, sizeof *federation);
    federation->authors_count = authors;
    name_folders(federation, below);
    make_home(&source, federation->source, &source_keys);
    make_home(&sink, federation->sink, &sink_keys);
    randombytes_buf(seed, sizeof seed);
    signing_key_from_seed(&authority, seed, authority_public);
    roster = found(federation, source_keys, &authority);
    request = request_for("sink", federation->sink_port, sink_keys->signing_public,
                          sink_keys->transport[0].public_key);
    admit(&roster, &request, &authority);
    admit_authors(federation, &roster, &authority);
    memcpy(federation->space, roster->federation, ID_LEN);
    make_group_key(federation, keys);
    save(&source, roster, keys);
    save(&sink, roster, keys);
    roster_destroy(&roster);
    node_keys_destroy(&source_keys);
    node_keys_destroy(&sink_keys);
    free(keys);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

void bench_federation_remove(const struct bench_federation *federation)
{
    must(nftw(federation->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? ERR_OK : ERR_IO,
         federation->folder);
}

// -- entries --

struct forge { // writes entries as their authors would
    struct bench_federation *federation;
    struct store *store;
    struct sealer *sealer;
    uint64_t ticket;
    struct chain chains[BENCH_AUTHORS_MAX]; // by author
    uint64_t times[BENCH_AUTHORS_MAX];
    struct record records[TURN];
    uint8_t sealed[TURN][SEALED_MAX];
};

struct draft { // of an entry
    size_t author;
    uint64_t time;
    uint8_t precedence;
    bool is_signed;
    struct span body;
};

static void write_entry(struct forge *forge, size_t slot, const struct draft *draft)
{
    struct bench_federation *federation = forge->federation;
    struct chain *chain = &forge->chains[draft->author];
    struct record *record = &forge->records[slot];
    struct header header = {
        .seq = chain->head_seq + 1, .time = draft->time, .precedence = draft->precedence};
    uint8_t salt[SALT_LEN];
    uint8_t bytes[HEADER_MAX];
    size_t len;

    randombytes_buf(salt, sizeof salt);
    memcpy(header.author, federation->authors_public[draft->author], SIGN_KEY_LEN);
    memcpy(header.prev, chain->head_id, ID_LEN);
    must(seal_body(forge->sealer, &federation->group_key, salt, draft->body, &header,
                   forge->sealed[slot]),
         "seal");
    len = header_encode(&header, bytes);
    *record = (struct record){.chain = chain->number,
                              .seq = header.seq,
                              .time = header.time,
                              .precedence = header.precedence,
                              .sealed = forge->sealed[slot],
                              .sealed_len = header.size,
                              .is_signed = draft->is_signed};
    memcpy(record->prev, header.prev, ID_LEN);
    memcpy(record->group, header.group, TAG_LEN);
    memcpy(record->key, header.key, TAG_LEN);
    header_id(federation->space, bytes, len, record->id);
    if (record->is_signed) {
        cose_sign(&federation->authors[draft->author], (struct span){federation->space, ID_LEN},
                  (struct span){bytes, len}, record->signature);
    }
    chain->head_seq = header.seq;
    memcpy(chain->head_id, record->id, ID_LEN);
    federation->sealed_bytes += header.size;
}

static void take_results(struct forge *forge, uint64_t *done)
{
    struct store_result result;

    bench_wait_readable(store_results_fd(forge->store));
    while (store_next_result(forge->store, &result) == ERR_OK) {
        must(result.err, "commit");
        *done = result.ticket;
    }
}

static void submit(struct forge *forge, size_t count, const struct chain *chains,
                   size_t chains_count)
{
    struct effect_persist persist = {.ticket = ++forge->ticket,
                                     .records = forge->records,
                                     .records_count = count,
                                     .chains = chains,
                                     .chains_count = chains_count};
    uint64_t done;
    enum err err;

    while ((err = store_submit(forge->store, &persist)) == ERR_AGAIN) {
        take_results(forge, &done);
    }
    must(err, "submit");
}

static struct forge *forge_open(struct bench_federation *federation, const char *home,
                                uint64_t (*wall_ms)(void))
{
    struct forge *forge = calloc(1, sizeof *forge);
    struct store_options options = {.wall_ms = wall_ms};
    char path[4096];

    assert(forge != NULL);
    forge->federation = federation;
    forge->sealer = sealer_create();
    memcpy(options.space, federation->space, ID_LEN);
    (void)snprintf(path, sizeof path, "%s/store/real", home);
    must(store_open(&forge->store, path, &options), path);
    for (size_t a = 0; a < federation->authors_count; a++) {
        struct chain *chain = &forge->chains[a];

        *chain = (struct chain){.number = (uint32_t)a, .parent = CHAIN_NONE, .first_seq = 1};
        memcpy(chain->author, federation->authors_public[a], SIGN_KEY_LEN);
    }
    return forge;
}

static void forge_close(struct forge *forge)
{
    store_close(&forge->store);
    sealer_destroy(&forge->sealer);
    sodium_memzero(forge, sizeof *forge);
    free(forge);
}

// -- noise --

static size_t make_content(uint8_t *out, size_t len)
{
    struct cbor_writer writer;
    uint8_t noise[4096];

    assert(len >= 64 && len <= sizeof noise);
    randombytes_buf(noise, len);
    cbor_write(&writer, out, len + 64);
    cbor_put_map(&writer, 2);
    cbor_put_text(&writer, "data", 4);
    cbor_put_bytes(&writer, noise, len - 21); // the rest is the map, the names and the kind
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "report", 6);
    return cbor_written(&writer);
}

static void submit_turn(struct forge *forge, const struct bench_filling *filling, size_t author,
                        size_t count)
{
    const struct chain *chain = &forge->chains[author];

    for (size_t i = 0; i < count; i++) {
        uint8_t content[4096 + 64];
        const struct draft draft = {
            .author = author,
            .time = ++forge->times[author],
            .is_signed = (chain->head_seq + 1) % filling->signed_every == 0,
            .body = {content, make_content(content, filling->content_len)},
        };

        write_entry(forge, i, &draft);
    }
    submit(forge, count, chain, 1);
}

void bench_federation_fill(struct bench_federation *federation, const char *home,
                           const struct bench_filling *filling)
{
    struct forge *forge = forge_open(federation, home, bench_wall_ms);

    assert(federation->authors_count > 0);
    for (size_t a = 0; a < federation->authors_count; a++) {
        forge->times[a] = bench_wall_ms() << 16;
    }
    for (uint64_t done = 0, turn = 0; done < filling->count; turn++) {
        size_t count = filling->count - done < TURN ? (size_t)(filling->count - done) : TURN;

        submit_turn(forge, filling, turn % federation->authors_count, count);
        done += count;
    }
    forge_close(forge);
}

// -- the mix --

enum { COMMITTED = 8 * TURN, LAST = 40 }; // the last entries are all signed: nothing covers them

static _Atomic uint64_t arriving_ms; // the store's thread asks for it

static uint64_t arriving_wall_ms(void)
{
    return arriving_ms;
}

static struct ref ref_of(const void *context, uint32_t i)
{
    const struct ref *refs = context;

    return refs[i];
}

static void write_mixed(struct forge *forge, const struct mix *mix, uint32_t i, bool is_signed,
                        struct ref *ref)
{
    uint8_t bytes[MIX_BODY_SIZE];
    struct cbor_writer writer;
    const uint32_t author = mix_writer(i);
    const struct chain *chain = &forge->chains[author];

    cbor_write(&writer, bytes, sizeof bytes);
    mix_write(mix, i, &writer);
    const struct draft draft = {
        .author = author,
        .time = mix_written_ms(mix, i) << 16,
        .precedence = mix_precedence(i),
        .is_signed = is_signed || (chain->head_seq + 1) % TURN == 0,
        .body = {bytes, cbor_written(&writer)},
    };
    assert(draft.body.len > 0);
    write_entry(forge, i % TURN, &draft);
    *ref = (struct ref){.author = author + BENCH_AUTHORS_FIRST, .seq = chain->head_seq};
    memcpy(ref->tag, chain->head_id, TAG_LEN);
}

void bench_federation_fill_mix(struct bench_federation *federation, const char *home,
                               uint32_t count, struct ref *refs)
{
    const struct mix mix = {.ref_of = ref_of,
                            .context = refs,
                            .begun_ms = bench_wall_ms() - (uint64_t)MIX_STEP_MS * count};
    struct forge *forge = forge_open(federation, home, arriving_wall_ms);
    uint64_t done = 0;

    assert(federation->authors_count == MIX_WRITERS);
    for (uint32_t i = 0; i < count; i++) {
        write_mixed(forge, &mix, i, i + LAST >= count, &refs[i]);
        if ((i + 1) % TURN != 0 && i + 1 < count) {
            continue;
        }
        arriving_ms = mix_written_ms(&mix, i + 1);
        submit(forge, i % TURN + 1, forge->chains, MIX_WRITERS);
        while ((i + 1) % COMMITTED == 0 && done < forge->ticket) {
            take_results(forge, &done);
        }
    }
    forge_close(forge);
}
