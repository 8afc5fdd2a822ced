// SPDX-License-Identifier: EUPL-1.2
// A node that comes to be, by 'found' or by 'join request': who it is to be, its home and its keys.
#ifndef SITREP_JOINING_NEWNODE_H
#define SITREP_JOINING_NEWNODE_H

#include "home/home.h"
#include "sitrep/invitation.h"
#include "sitrep/options.h"

// Ends the tables of the two commands.
#define NEWNODE_OPTIONS                                                                            \
    {"centre", "CODE", "short name of the centre, of a-z, 0-9 and -", true},                       \
        {"title", "TEXT", "the centre's name in full", true},                                      \
        {"endpoint", "tcp://HOST:PORT", "where peers reach this node", true},                      \
        {"live", "tcp://HOST:PORT", "the live port (else the endpoint's port + 1)", false},        \
        {"node", "NAME", "the node's name (else the centre's code)", false},                       \
        {"expires", "DAYS",                                                                        \
         "warn of these keys' age from 90 days before (else they never expire)", false},           \
        {"no-passphrase", NULL, "leave the keys unwrapped: for tests and drills", false},          \
    {                                                                                              \
        NULL, NULL, NULL, false                                                                    \
    }

struct newnode {
    struct home home;
    struct request request; // all that identifies the node
    char *passphrase;       // NULL with --no-passphrase
    struct node_keys *keys;
};

// Checks what was typed.
enum exit_code newnode_read(struct newnode *newnode, const struct arguments *arguments);
// Makes the home, node.conf and the keys, asking for the passphrase first.
enum exit_code newnode_create(struct newnode *newnode, const struct arguments *arguments);
void newnode_fini(struct newnode *newnode);

// The endpoint one port up, where the live plane is unless something else is said. False when there
// is none.
bool newnode_next_port(const char *endpoint, char out[static ENDPOINT_MAX_LEN + 1]);

// When the keys that are made shall have been replaced, by the option --expires; 0: never.
enum exit_code newnode_read_expiry(const struct arguments *arguments, uint64_t *expires_ms);

// A name or code [5.8] as typed into `out`, or says that `what` may not be that.
enum exit_code newnode_read_name(const char *what, const char *typed,
                                 char out[static NAME_MAX_LEN + 1]);

// Whether `typed` may stand as a title or the federation's name, or else says that `what` may not.
enum exit_code newnode_check_title(const char *what, const char *typed);

#endif
