// SPDX-License-Identifier: EUPL-1.2
// The commands, one file each; main.c has the table.
#ifndef SITREP_COMMAND_H
#define SITREP_COMMAND_H

#include "sitrep/options.h"

extern const struct option_spec found_options[];
extern const struct option_spec request_options[];
extern const struct option_spec admit_options[];
extern const struct option_spec roster_show_options[];
extern const struct option_spec roster_propose_options[];
extern const struct option_spec roster_sign_options[];
extern const struct option_spec roster_authority_options[];
extern const struct option_spec publish_options[];
extern const struct option_spec item_list_options[];
extern const struct option_spec conflicts_options[];
extern const struct option_spec settle_options[];
extern const struct option_spec ack_options[];
extern const struct option_spec board_options[];
extern const struct option_spec casualties_options[];
extern const struct option_spec import_cap_options[];
extern const struct option_spec group_create_options[];
extern const struct option_spec release_options[];
extern const struct option_spec log_options[];
extern const struct option_spec watch_options[];
extern const struct option_spec show_options[];
extern const struct option_spec keys_rotate_options[];
extern const struct option_spec keys_options[];
extern const struct option_spec forks_options[];
extern const struct option_spec exercise_purge_options[];
extern const struct option_spec link_options[];

enum exit_code command_found(const struct arguments *arguments);
enum exit_code command_request(const struct arguments *arguments);
enum exit_code command_admit(const struct arguments *arguments);
enum exit_code command_join(const struct arguments *arguments);
enum exit_code command_roster_show(const struct arguments *arguments);
enum exit_code command_roster_history(const struct arguments *arguments);
enum exit_code command_roster_propose(const struct arguments *arguments);
enum exit_code command_roster_sign(const struct arguments *arguments);
enum exit_code command_roster_proposals(const struct arguments *arguments);
enum exit_code command_roster_send(const struct arguments *arguments);
enum exit_code command_roster_import(const struct arguments *arguments);
enum exit_code command_roster_export(const struct arguments *arguments);
enum exit_code command_roster_authority(const struct arguments *arguments);
enum exit_code command_publish(const struct arguments *arguments);
enum exit_code command_kinds(const struct arguments *arguments);
enum exit_code command_item_list(const struct arguments *arguments);
enum exit_code command_item_show(const struct arguments *arguments);
enum exit_code command_conflicts(const struct arguments *arguments);
enum exit_code command_settle(const struct arguments *arguments);
enum exit_code command_ack(const struct arguments *arguments);
enum exit_code command_delivery(const struct arguments *arguments);
enum exit_code command_gaps(const struct arguments *arguments);
enum exit_code command_picture(const struct arguments *arguments);
enum exit_code command_phase_board(const struct arguments *arguments);
enum exit_code command_casualties(const struct arguments *arguments);
enum exit_code command_resource_board(const struct arguments *arguments);
enum exit_code command_timeline(const struct arguments *arguments);
enum exit_code command_import_cap(const struct arguments *arguments);
enum exit_code command_group_create(const struct arguments *arguments);
enum exit_code command_group_add(const struct arguments *arguments);
enum exit_code command_group_remove(const struct arguments *arguments);
enum exit_code command_group_own(const struct arguments *arguments);
enum exit_code command_group_disown(const struct arguments *arguments);
enum exit_code command_group_rekey(const struct arguments *arguments);
enum exit_code command_group_list(const struct arguments *arguments);
enum exit_code command_group_show(const struct arguments *arguments);
enum exit_code command_release(const struct arguments *arguments);
enum exit_code command_log(const struct arguments *arguments);
enum exit_code command_watch(const struct arguments *arguments);
enum exit_code command_show(const struct arguments *arguments);
enum exit_code command_status(const struct arguments *arguments);
enum exit_code command_peers(const struct arguments *arguments);
enum exit_code command_keys_rotate(const struct arguments *arguments);
enum exit_code command_keys(const struct arguments *arguments);
enum exit_code command_forks(const struct arguments *arguments);
enum exit_code command_fsck(const struct arguments *arguments);
enum exit_code command_exercise_create(const struct arguments *arguments);
enum exit_code command_exercise_list(const struct arguments *arguments);
enum exit_code command_exercise_end(const struct arguments *arguments);
enum exit_code command_exercise_purge(const struct arguments *arguments);
enum exit_code command_link(const struct arguments *arguments);
enum exit_code command_cut(const struct arguments *arguments);
enum exit_code command_heal(const struct arguments *arguments);

// The commands, up to one without a name.
extern const struct command commands[];

#endif
