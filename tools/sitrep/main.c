// SPDX-License-Identifier: EUPL-1.2
// The command line: the table of commands, and nothing else.
#include <locale.h>
#include <stddef.h>

#include "sitrep/command.h"
#include "sitrep/print.h"

const struct command commands[] = {
    {"found", "NAME", 1, 1, "found a federation, with this as its first node",
     "sitrep found 'Benelux crisis centres' --centre be-nccn --title 'National Crisis Centre' "
     "--endpoint tcp://nccn.example:5670",
     found_options, command_found},
    {"request", "", 0, 0, "make a node and ask to join; writes the request",
     "sitrep request --centre lu-hcpn --title 'High Commission for National Protection' "
     "--endpoint tcp://hcpn.example:5670 > hcpn.request",
     request_options, command_request},
    {"admit", "FILE", 1, 1, "let a node in, as an authority; writes the invitation",
     "sitrep admit hcpn.request > hcpn.invitation", admit_options, command_admit},
    {"join", "FILE", 1, 1, "take up an invitation", "sitrep join hcpn.invitation", NULL,
     command_join},
    {"roster show", "[FILE...]", 0, 100, "show the roster in force, or one that is proposed",
     "sitrep roster show proposal.txt", roster_show_options, command_roster_show},
    {"roster history", "", 0, 0, "show what each version held here changed, and who signed it",
     "sitrep roster history", NULL, command_roster_history},
    {"roster propose", "", 0, 0, "make the next roster version; writes the proposal",
     "sitrep roster propose --revoke lu-hcpn --set-threshold 2 > proposal.txt",
     roster_propose_options, command_roster_propose},
    {"roster sign", "FILE|REF...", 1, 100, "sign a proposal, as an authority; merges its copies",
     "sitrep roster sign proposal.txt --authority mine.key > signed.txt", roster_sign_options,
     command_roster_sign},
    {"roster proposals", "", 0, 0, "list what is proposed over the federation, and who signed it",
     "sitrep roster proposals", NULL, command_roster_proposals},
    {"roster send", "FILE...", 1, 100, "publish a proposal for all members, to be signed there",
     "sitrep roster send proposal.txt", NULL, command_roster_send},
    {"roster import", "FILE...", 1, 100, "put a roster that is signed by enough in force",
     "sitrep roster import signed-1.txt signed-2.txt", NULL, command_roster_import},
    {"roster export", "[VERSION]", 0, 1, "write the roster in force, or an earlier version",
     "sitrep roster export > roster.txt", NULL, command_roster_export},
    {"roster authority", "", 0, 0, "make an authority's key; writes its public half",
     "sitrep roster authority --out mine.key > mine.public", roster_authority_options,
     command_roster_authority},
    {"publish", "KIND [TEXT|-]", 0, 2, "publish an entry; prints its name once it is durable",
     "sitrep publish situation --precedence priority --field place=Liège 'Meuse above 9 m'",
     publish_options, command_publish},
    {"kinds", "[KIND]", 0, 1, "list what entries can say, or what goes into one kind",
     "sitrep kinds request", NULL, command_kinds},
    {"item list", "", 0, 0, "list what entries are about, as it stands",
     "sitrep item list --kind request", item_list_options, command_item_list},
    {"item show", "REF", 1, 1, "show one of them with all its versions",
     "sitrep item show be-nccn/12", NULL, command_item_show},
    {"conflicts", "", 0, 0, "list what several versions hold of, that contradict each other",
     "sitrep conflicts", NULL, command_conflicts},
    {"settle", "ITEM", 1, 1, "say one version anew, in place of all that hold",
     "sitrep settle be-nccn/12 --take nl-kcr2/7", settle_options, command_settle},
    {"import cap", "FILE...", 1, 100000, "publish public alerts of CAP 1.1 or 1.2, each once",
     "sitrep import cap warning.xml", import_cap_options, command_import_cap},
    {"log", "", 0, 0, "list entries in the order they arrived", "sitrep log --since 2h --follow",
     log_options, command_log},
    {"show", "REF", 1, 1, "show one entry, such as be-nccn/12", "sitrep show be-nccn/12",
     show_options, command_show},
    {"release", "REF", 1, 1, "open one entry to another group; cannot be taken back",
     "sitrep release be-nccn/12 --to police", release_options, command_release},
    {"group list", "", 0, 0, "list the groups, who is in them, and whether this node reads them",
     "sitrep group list", NULL, command_group_list},
    {"group show", "NAME", 1, 1, "show a group: members, keys, and who changed what",
     "sitrep group show police", NULL, command_group_show},
    {"group create", "NAME", 1, 1, "found a group of centres with keys of their own",
     "sitrep group create police --centre nl-kcr2 --centre lu-hcpn", group_create_options,
     command_group_create},
    {"group add", "NAME CENTRE", 2, 2, "make a centre a member, as an owner",
     "sitrep group add police nl-lvnl", NULL, command_group_add},
    {"group remove", "NAME CENTRE", 2, 2, "take a centre out, with a new key for the others",
     "sitrep group remove police nl-lvnl", NULL, command_group_remove},
    {"group own", "NAME CENTRE", 2, 2, "let a member change the group, too",
     "sitrep group own police nl-kcr2", NULL, command_group_own},
    {"group disown", "NAME CENTRE", 2, 2, "let an owner be a mere member",
     "sitrep group disown police nl-kcr2", NULL, command_group_disown},
    {"group rekey", "NAME", 1, 1, "bring a new key for a group, or for 'all'",
     "sitrep group rekey police", NULL, command_group_rekey},
    {"status", "", 0, 0, "show how this node stands", "sitrep status", NULL, command_status},
    {"peers", "", 0, 0, "show each peer: what is missing, when it was last heard",
     "sitrep --json peers", NULL, command_peers},
    {"keys rotate", "", 0, 0, "make new keys; writes a request to use them",
     "sitrep keys rotate > new-key.request", keys_rotate_options, command_keys_rotate},
    {"keys", "", 0, 0, "list this node's keys, with --all everybody's; never a secret",
     "sitrep keys --all", keys_options, command_keys},
    {"forks", "", 0, 0, "explain forked logs; write and check proofs of them",
     "sitrep forks --proof be-nccn/42 > fork.txt", forks_options, command_forks},
    {"fsck", "", 0, 0, "check every record this node holds", "sitrep fsck", NULL, command_fsck},
    {"exercise create", "NAME", 1, 1,
     "take part in an exercise; the same name is the same exercise",
     "sitrep exercise create spring-2026", NULL, command_exercise_create},
    {"exercise list", "", 0, 0, "list the exercises this node takes part in",
     "sitrep exercise list", NULL, command_exercise_list},
    {"exercise end", "NAME", 1, 1, "end an exercise for everybody",
     "sitrep exercise end spring-2026", NULL, command_exercise_end},
    {"exercise purge", "NAME", 1, 1, "delete an exercise from this node, for good",
     "sitrep exercise purge spring-2026", exercise_purge_options, command_exercise_purge},
    {"link cut", "NODE", 1, 1, "for a drill: cut the links to a peer", "sitrep link cut be-nccn",
     NULL, command_cut},
    {"link heal", "NODE", 1, 1, "for a drill: let the links to a peer up again",
     "sitrep link heal be-nccn", NULL, command_heal},
    {"link", "NODE", 1, 1, "show or say what the line to a peer passes",
     "sitrep link nl-kcr2 --profile radio", link_options, command_link},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    struct arguments arguments;
    enum exit_code code = EXIT_DONE;
    (void)setlocale(LC_TIME, "");
    if (options_read(commands, argc, argv, &arguments, &code)) {
        code = arguments.command->run(&arguments);
    }
    return (int)print_finish(code);
}
