// SPDX-License-Identifier: EUPL-1.2
// A node's home folder: where its files are and how they are written. Shared by sitrepd and the
// command line.
//
//   HOME/node.conf           configuration (ZPL)
//   HOME/keys/node.key       signing and transport secrets, wrapped
//   HOME/keys/next.key       the same of this home's next identity, until it is in use [5.22]
//   HOME/keys/groups.key     group secrets, wrapped with the same passphrase
//   HOME/keys/authority.key  only where an authority lives; may be kept elsewhere
//   HOME/roster/N.roster     every signed roster version this node holds
//   HOME/request             what this node, or its next identity, asked to join with
//   HOME/store/real/         LMDB
//   HOME/store/groups        how far the store was read for changes of groups; only a cache
//   HOME/guard               the sequence ceiling, outside the store
//   HOME/exercise/NAME/      an exercise: store/ and guard like those of the real world
//   HOME/exercise/NAME.purged  there was one of that name, and it is not taken again
//   HOME/links               what thin lines pass (ZPL, written by the node)
//   HOME/api.sock, HOME/lock
//
// Folders are 0700 and files 0600 from the moment they exist; more open ones are refused. Files are
// replaced by writing a new one, syncing it, renaming it and syncing the folder.
#ifndef NODE_HOME_H
#define NODE_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cose.h"
#include "sitrep/err.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

struct home {
    char path[3072];
    char why[4096]; // after a failure: what is wrong, where, and what to do; one line for a person
};

// Opens an existing home, or creates an empty one. Checks owner and modes.
// Errors: ERR_NOT_FOUND, ERR_IO, ERR_DENIED (too open, or another user's), ERR_STATE (create: not
// empty).
CHECKED enum err home_open(struct home *home, const char *path);
CHECKED enum err home_create(struct home *home, const char *path);

// PATH/name into `out`. Errors: ERR_LIMIT.
CHECKED enum err home_path(struct home *home, const char *name, char out[static 4096]);

// Whole files, at most `max` bytes; *bytes is malloc'ed and NUL-terminated beyond len. O_NOFOLLOW.
CHECKED enum err home_read(struct home *home, const char *name, size_t max, uint8_t **bytes,
                           size_t *len);
CHECKED enum err home_write(struct home *home, const char *name, const uint8_t *bytes, size_t len);
CHECKED enum err home_remove(struct home *home, const char *name);

// One process at a time: takes HOME/lock until the process ends. Errors: ERR_STATE (another process
// has it).
CHECKED enum err home_lock(struct home *home);

// A user and a password, in memory from sodium_malloc.
enum { LOGIN_TEXT_MAX = 255 };
struct home_login {
    char user[LOGIN_TEXT_MAX + 1];
    char password[LOGIN_TEXT_MAX + 1];
};
// From the two lines of a file that only this user may read; a relative `path` is one in the home.
// Errors: ERR_NOT_FOUND, ERR_DENIED (open to others, or another user's), ERR_MALFORMED, ERR_LIMIT,
// ERR_IO.
CHECKED enum err home_read_login(struct home *home, const char *path, struct home_login **login);
void home_login_destroy(struct home_login **login);

// -- keys; all secrets lie in memory from sodium_malloc --

#define HOME_NODE_FILE "keys/node.key"
#define HOME_NEXT_FILE "keys/next.key"
#define HOME_GROUPS_FILE "keys/groups.key"
#define HOME_AUTHORITY_FILE "keys/authority.key"

struct transport_pair {
    uint8_t secret[BOX_KEY_LEN];
    uint8_t public_key[BOX_KEY_LEN];
};

struct node_keys {
    struct signing_key signing;
    uint8_t signing_public[SIGN_KEY_LEN];
    // The pair made last is the last one; there are two once the node has changed its transport
    // key, or is about to [5.12].
    struct transport_pair transport[2];
    size_t transport_count;
};

enum { GROUP_KEYS_MAX = 1600 }; // what a key file has room for
struct group_keys {
    size_t count;
    struct group_key keys[GROUP_KEYS_MAX];
};

// `passphrase` NULL: not wrapped. New keys from the system's randomness. Errors of loading:
// ERR_NOT_FOUND, ERR_DENIED (too open, another user's, wrong passphrase), ERR_MALFORMED,
// ERR_CORRUPT (the secret's public part is not the one the file says: a changed bit).
CHECKED enum err home_create_node_keys(struct home *home, const char *passphrase,
                                       struct node_keys **keys);
CHECKED enum err home_load_node_keys(struct home *home, const char *passphrase,
                                     struct node_keys **keys);
// The authority's key lies at `path`, which need not be in a home, or at HOME/keys/authority.key
// when NULL. For a path of its own `home` may be zeroed: it only takes the reason of a failure. A
// file that is there is not written over. Errors of create: ERR_STATE (there is such a file).
// Adds a new transport pair, in HOME/keys/node.key too. Of two there were, `in_use` stays and the
// other goes. Errors: ERR_NOT_FOUND (none of them is `in_use`), ERR_IO, ERR_NO_SPACE.
CHECKED enum err home_add_transport(struct home *home, const char *passphrase,
                                    struct node_keys *keys,
                                    const uint8_t in_use[static BOX_KEY_LEN]);
// The home's next identity: new signing and transport keys [5.22]. Errors: as above.
CHECKED enum err home_create_next_keys(struct home *home, const char *passphrase,
                                       struct node_keys **keys);
CHECKED enum err home_load_next_keys(struct home *home, const char *passphrase,
                                     struct node_keys **keys);
// The public signing key that HOME/keys/next.key names, without its passphrase; to be shown, not
// to be gone by. Errors: ERR_NOT_FOUND, ERR_MALFORMED, ERR_DENIED, ERR_IO.
CHECKED enum err home_next_signing(struct home *home, uint8_t signing[static SIGN_KEY_LEN]);
// Makes the next identity the home's own, for good: its keys become HOME/keys/node.key, and its log
// has nothing yet that the guard would have to know of. Wherever it is cut off, doing it again
// completes it. With HOME/lock held, and `keys` those of home_load_next_keys. Errors: ERR_IO,
// ERR_NO_SPACE.
CHECKED enum err home_take_next_keys(struct home *home, const char *passphrase,
                                     const struct node_keys *keys);
// The pair with that public key; NULL when there is none.
const struct transport_pair *node_keys_find(const struct node_keys *keys,
                                            const uint8_t transport[static BOX_KEY_LEN]);
// Whether the roster has a node with these signing and transport keys that is not revoked.
bool node_keys_are_admitted(const struct node_keys *keys, const struct roster *roster);
CHECKED enum err home_create_authority(struct home *home, const char *path, const char *passphrase,
                                       struct signing_key **key,
                                       uint8_t public_key[static SIGN_KEY_LEN]);
CHECKED enum err home_load_authority(struct home *home, const char *path, const char *passphrase,
                                     struct signing_key **key,
                                     uint8_t public_key[static SIGN_KEY_LEN]);
CHECKED enum err home_save_group_keys(struct home *home, const char *passphrase,
                                      const struct group_keys *keys);
CHECKED enum err home_load_group_keys(struct home *home, const char *passphrase,
                                      struct group_keys **keys);
void node_keys_destroy(struct node_keys **keys);
void group_keys_destroy(struct group_keys **keys);
void signing_key_destroy(struct signing_key **key);
// Whether HOME/keys/node.key needs a passphrase. Errors: ERR_NOT_FOUND, ERR_MALFORMED.
CHECKED enum err home_needs_passphrase(struct home *home, bool *needs);
// The same of the authority's key.
CHECKED enum err home_authority_needs_passphrase(struct home *home, const char *path, bool *needs);
// The passphrase for this home: SITREP_PASSPHRASE_FILE, else systemd's
// $CREDENTIALS_DIRECTORY/passphrase, else asked on the terminal without echo (twice when `is_new`).
// From sodium_malloc; NULL with ERR_STATE when there is no way to ask.
CHECKED enum err home_ask_passphrase(struct home *home, bool is_new, char **passphrase);
// The same for an authority's key that lies apart: SITREP_AUTHORITY_PASSPHRASE_FILE, else as above.
CHECKED enum err home_ask_authority_passphrase(struct home *home, bool is_new, char **passphrase);
void passphrase_destroy(char **passphrase);
// Whether home_ask_passphrase would take it from the service manager.
bool passphrase_is_credential(void);

// -- rosters --

// What stands of the rosters in force, after checking all that are held (lineage.h). Errors:
// ERR_NOT_FOUND, ERR_CORRUPT.
CHECKED enum err home_load_roster(struct home *home, struct roster **roster);
// The signed bytes of the roster of one version that came first; *bytes malloc'ed. Errors:
// ERR_NOT_FOUND.
CHECKED enum err home_read_roster(struct home *home, uint64_t version, uint8_t **bytes,
                                  size_t *len);
// Checks against those held (if any) and keeps it; *roster is what stands then. Errors: as
// lineage_add.
CHECKED enum err home_add_roster(struct home *home, const uint8_t *bytes, size_t len,
                                 struct roster **roster);

// -- guard: the ceiling under which this node has signed [design 3, forks] --

struct guard {
    uint64_t epoch;
    uint64_t ceiling; // nothing above it was ever signed in this epoch
    uint64_t floor;   // the durable head when the guard was last written
    bool is_exact;    // ceiling == floor and nothing was signed since
    bool was_moved;   // the guard or store file is not the one that was written: a restored copy
};
// `exercise` is the name of one, or "" for the real world: each has its own.
// Errors: ERR_NOT_FOUND (a new home), ERR_CORRUPT.
CHECKED enum err guard_load(struct home *home, const char *exercise, struct guard *guard);
// Synced when it returns. Records the identity (inode, birth) of itself and of the store's file,
// for was_moved.
CHECKED enum err guard_save(struct home *home, const char *exercise, const struct guard *guard);

// -- exercises: only their folders; names are such that exercise_name_is_valid --

enum { EXERCISE_FILE_MAX = NAME_MAX_LEN + 32 };
// The name in the home of what an exercise, or the real world (""), keeps there: "guard", "store".
void home_space_file(const char *exercise, const char *file, char out[static EXERCISE_FILE_MAX]);

// Makes the folder. Errors: ERR_STATE (it is there), ERR_DENIED (there was one of that name, and it
// was purged), ERR_IO, ERR_NO_SPACE.
CHECKED enum err home_make_exercise(struct home *home, const char *name);

// Calls for the name of each that is there, in no order. What a purge left behind that did not come
// to its end is removed. Errors: ERR_IO, ERR_DENIED (a folder is too open), and what `each`
// returns.
CHECKED enum err home_each_exercise(struct home *home,
                                    enum err (*each)(void *context, const char *name),
                                    void *context);

// Deletes the folder and all that is in it; nobody uses it any longer. From the moment before that
// the name is not taken again, also when the rest fails. Errors: ERR_IO, ERR_NO_SPACE.
CHECKED enum err home_purge_exercise(struct home *home, const char *name);

#endif
