// SPDX-License-Identifier: EUPL-1.2
// What pictures say of others, held against what the simulation knows: what each node had at which
// step of the world, and what it wrote then. Nobody is said to have had, by a time or not before
// one, what it had not or had [18.14]; nor a centre to have known what had come to none of its
// nodes, or not what a receipt told [18.15].
//
// Two things are not held against a picture. Of a log with branches heads tell as much as one sees
// of all of them. And a member that lost what it had, has a twin, or whose clock goes back knows no
// better itself.
#include <inttypes.h>

#include "sim/post.h"

// -- what others had --

// The step at which an entry of an officer was made, and by which post.
static uint64_t made_at(const struct world *world, size_t entry, const struct post **by)
{
    const struct officers *officers = world->officers;
    const struct issue *issue = &world->oracle.issues[officers->facts[entry].number - 1];

    *by = &officers->posts[issue->instance];
    return issue->step;
}

// Whether who wrote the entry `by` had the other then; its own it surely had.
static bool had_when(const struct world *world, size_t entry, size_t by)
{
    const struct ref *ref = &world->officers->story.entries[entry].ref;
    const struct post *post;
    const uint64_t step = made_at(world, by, &post);

    return ref->author == world->officers->story.entries[by].ref.author ||
           post_had(post, entry, step);
}

struct claim { // of the one who looks, of what one member had
    const struct node *node;
    const struct post *post;
    uint32_t member;
    size_t entry;
    struct picture_holding held;
};

static void fail_claim(struct world *world, const struct claim *claim, const char *why)
{
    const struct ref *ref = &world->officers->story.entries[claim->entry].ref;

    world_fail(world,
               "%c says that %c had %c.%" PRIu32 "/%" PRIu64 " from %" PRIu64 " until %" PRIu64
               " ms, %s",
               node_letter(world, claim->node), 'a' + (int)claim->member, 'a' + (int)ref->author,
               ref->epoch, ref->seq, claim->held.from_ms, claim->held.until_ms, why);
}

static bool is_same_log(const struct ref *a, const struct ref *b)
{
    return a->author == b->author && a->epoch == b->epoch;
}

// Of a log with branches, heads tell just as much as one sees of all of them.
static bool can_be_told(const struct world *world, const struct post *post, size_t entry)
{
    const struct officers *officers = world->officers;
    const struct ref *ref = &officers->story.entries[entry].ref;
    bool is_forked = false;
    bool is_whole = true;

    for (size_t i = 0; i < officers->story.count; i++) {
        if (is_same_log(&officers->story.entries[i].ref, ref)) {
            is_forked |= officers->facts[i].is_of_fork;
            is_whole &= post->shown_ms[i] != 0;
        }
    }
    return !is_forked || is_whole;
}

// What a receipt that is here tells of is held, and no later than it says.
static void check_told(struct world *world, const struct claim *claim, const struct post *member)
{
    const struct officers *officers = world->officers;
    const size_t receipt = (size_t)member->told_by[claim->entry] - 1;
    const bool is_told = member->told_by[claim->entry] != 0 && claim->post->shown_ms[receipt] != 0;

    if (is_told && claim->held.until_ms > officers->facts[receipt].written_ms) {
        fail_claim(world, claim, "and a receipt told of it before");
    }
}

// A receipt by which it had not come to the member, as one says.
static bool is_before(const struct world *world, const struct claim *claim, size_t entry)
{
    const struct fact *fact = &world->officers->facts[entry];

    return fact->is_receipt && world->officers->story.entries[entry].ref.author == claim->member &&
           fact->written_ms <= claim->held.from_ms && fact->written_ms < claim->held.until_ms;
}

static void check_before(struct world *world, const struct claim *claim)
{
    const struct officers *officers = world->officers;

    for (size_t i = 0; i < officers->story.count; i++) {
        if (is_before(world, claim, i) &&
            telling_find(officers, officers->facts[i].number)->holds[claim->entry]) {
            fail_claim(world, claim, "and it had it when it wrote a receipt before");
        }
    }
}

// Where all clocks are right, it came when one says. What lay ahead of a gap and was of another
// branch has come again; and what did not count is not told.
static void check_time(struct world *world, const struct claim *claim, const struct post *member)
{
    const uint64_t held_ms = member->held_ms[claim->entry];
    const uint64_t came_ms = held_ms == 0 ? UINT64_MAX : held_ms;
    const uint32_t author = world->officers->story.entries[claim->entry].ref.author;
    const bool is_clear = !world->officers->facts[claim->entry].is_of_fork &&
                          (world->plan.revoked == 0 || author != world->plan.revoked);

    if (!world->plan.has_wild_clocks && is_clear &&
        (came_ms < claim->held.from_ms || came_ms > claim->held.until_ms)) {
        fail_claim(world, claim, "and it came at another time");
    }
}

static void check_claim(struct world *world, struct claim *claim)
{
    struct officers *officers = world->officers;
    struct picture *picture = claim->post->picture;
    const struct post *member = &officers->posts[claim->member];
    const struct fact *fact = &officers->facts[claim->entry];
    const struct ref *ref = &officers->story.entries[claim->entry].ref;

    if (claim->post->shown_ms[claim->entry] == 0 || ref->author == claim->member ||
        !can_be_told(world, claim->post, claim->entry)) {
        return;
    }
    picture_held(picture, picture_find(picture, ref), claim->member, &claim->held);
    if (claim->held.shown_by != PICTURE_NONE) {
        struct picture_version shows;
        picture_version(picture, claim->held.shown_by, &shows);
        if (!had_when(world, claim->entry, story_find(officers, &shows.ref))) {
            fail_claim(world, claim, "which it had not");
        }
    }
    if (!member->is_torn && !fact->is_of_fork) {
        check_told(world, claim, member);
    }
    // By the clock of who had it, unless that goes back.
    if (!member->is_torn && world->plan.weather.clock_ms == 0) {
        check_before(world, claim);
        check_time(world, claim, member);
    }
}

// -- what others knew --

static bool is_of_centre(const struct world *world, size_t entry, uint32_t centre)
{
    return world->officers->centres[world->officers->story.entries[entry].ref.author] == centre;
}

// Whether something that a node of the centre wrote until then proves it to have had the entry.
static bool had_come(const struct world *world, size_t entry, const struct picture_view *view)
{
    const struct officers *officers = world->officers;

    for (size_t by = 0; by < officers->story.count; by++) {
        if (officers->facts[by].written_ms <= view->written_ms &&
            is_of_centre(world, by, view->centre) && had_when(world, entry, by)) {
            return true;
        }
    }
    return false;
}

// Whether a node of the centre held it by then, as one says.
static bool is_held_by(const struct world *world, const struct post *post, size_t entry,
                       const struct picture_view *view)
{
    const uint32_t place = picture_find(post->picture, &world->officers->story.entries[entry].ref);

    for (uint32_t member = 0; member < world->plan.members; member++) {
        struct picture_holding held;
        picture_held(post->picture, place, member, &held);
        if (world->officers->centres[member] == view->centre && held.until_ms <= view->written_ms) {
            return true;
        }
    }
    return false;
}

// What one says that a centre knew at a moment.
struct knowledge {
    const struct node *node;
    const struct post *post;
    struct picture_view view;
    bool is_known[STORY_ENTRIES];
};

static void fail_known(struct world *world, const struct knowledge *knowledge, size_t entry,
                       const char *why)
{
    const struct ref *ref = &world->officers->story.entries[entry].ref;

    world_fail(world,
               "%c says of %c.%" PRIu32 "/%" PRIu64 " whether centre %" PRIu32
               " knew it by %" PRIu64 " ms, %s",
               node_letter(world, knowledge->node), 'a' + (int)ref->author, ref->epoch, ref->seq,
               knowledge->view.centre, knowledge->view.written_ms, why);
}

static bool is_readable(const struct world *world, const struct knowledge *knowledge, size_t entry)
{
    return knowledge->post->shown_ms[entry] != 0 &&
           knowledge->view.reads[world->officers->facts[entry].group];
}

static void look_at_view(struct world *world, struct knowledge *knowledge)
{
    const struct officers *officers = world->officers;
    struct picture *picture = knowledge->post->picture;

    for (size_t i = 0; i < officers->story.count; i++) {
        knowledge->is_known[i] = is_readable(world, knowledge, i) &&
                                 is_held_by(world, knowledge->post, i, &knowledge->view);
    }
    if (picture_set_view(picture, &knowledge->view) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < officers->story.count; i++) {
        const bool is_shown = story_version(picture, &officers->story.entries[i].ref).is_here;
        if (is_shown != knowledge->is_known[i]) {
            fail_known(world, knowledge, i, "and of its nodes something else");
        }
    }
}

static void check_known(struct world *world, const struct knowledge *knowledge)
{
    for (size_t i = 0; i < world->officers->story.count; i++) {
        if (knowledge->is_known[i] && can_be_told(world, knowledge->post, i) &&
            !had_come(world, i, &knowledge->view)) {
            fail_known(world, knowledge, i, "and it had not come");
        }
    }
}

// What it shows then is what one shows who has just that.
static void check_shown(struct world *world, const struct knowledge *knowledge)
{
    struct order order = {.count = 0};
    uint8_t seen[DIGEST_LEN];
    uint8_t anew[DIGEST_LEN];

    for (size_t i = 0; i < world->officers->story.count; i++) {
        if (knowledge->is_known[i]) {
            order.entries[order.count++] = i;
        }
    }
    post_see(world->officers, knowledge->post->picture, seen);
    post_see_anew(world, knowledge->post, &order, anew);
    if (memcmp(seen, anew, DIGEST_LEN) != 0) {
        world_fail(world, "%c shows another picture of what a centre knew than one who has that",
                   node_letter(world, knowledge->node));
    }
}

// What a receipt up to the moment told, if that is here, was known then.
static void check_all_told(struct world *world, const struct knowledge *knowledge,
                           const struct post *member)
{
    const struct officers *officers = world->officers;

    for (size_t i = 0; i < officers->story.count; i++) {
        const size_t receipt = (size_t)member->told_by[i] - 1;
        const bool is_told = member->told_by[i] != 0 && knowledge->post->shown_ms[receipt] != 0 &&
                             officers->facts[receipt].written_ms <= knowledge->view.written_ms;
        if (is_told && is_readable(world, knowledge, i) && !knowledge->is_known[i] &&
            !officers->facts[i].is_of_fork) {
            fail_known(world, knowledge, i, "and a receipt had told of it");
        }
    }
}

static bool is_rank_shown(const struct officers *officers, const struct post *post, uint32_t author,
                          uint64_t rank)
{
    for (size_t i = 0; i < officers->story.count; i++) {
        if (officers->facts[i].is_receipt && officers->story.entries[i].ref.author == author &&
            post->shown_ms[i] != 0 &&
            telling_find(officers, officers->facts[i].number)->rank == rank) {
            return true;
        }
    }
    return false;
}

// Whether all receipts of its node up to that one are here.
static bool is_whole(const struct officers *officers, const struct post *post, size_t receipt)
{
    const uint32_t author = officers->story.entries[receipt].ref.author;
    uint64_t rank = telling_find(officers, officers->facts[receipt].number)->rank;

    while (rank > 0 && is_rank_shown(officers, post, author, rank)) {
        rank--;
    }
    return rank == 0;
}

// When the centre wrote its last receipt up to the moment, with all before it here, and the first
// behind it.
static void check_around(struct world *world, const struct knowledge *knowledge)
{
    const struct officers *officers = world->officers;
    const struct picture_view *view = &knowledge->view;
    uint64_t truth_ms[] = {0, UINT64_MAX};
    uint64_t said_ms[2];

    picture_receipts_around(knowledge->post->picture, view->centre, view->written_ms, &said_ms[0],
                            &said_ms[1]);
    for (size_t i = 0; i < officers->story.count; i++) {
        const uint64_t time_ms = officers->facts[i].written_ms;
        if (!officers->facts[i].is_receipt || knowledge->post->shown_ms[i] == 0 ||
            !is_of_centre(world, i, view->centre)) {
            continue;
        }
        if (time_ms <= view->written_ms && is_whole(officers, knowledge->post, i)) {
            truth_ms[0] = time_ms > truth_ms[0] ? time_ms : truth_ms[0];
        } else if (time_ms > view->written_ms) {
            truth_ms[1] = time_ms < truth_ms[1] ? time_ms : truth_ms[1];
        }
    }
    if (memcmp(said_ms, truth_ms, sizeof said_ms) != 0) {
        world_fail(world, "%c says that a centre wrote its receipts at other times",
                   node_letter(world, knowledge->node));
    }
}

static void check_view(struct world *world, struct knowledge *knowledge)
{
    check_around(world, knowledge);
    look_at_view(world, knowledge);
    check_known(world, knowledge);
    check_shown(world, knowledge);
    picture_set_moment(knowledge->post->picture, UINT64_MAX);
    for (uint32_t i = 0; i < world->plan.members; i++) {
        const struct post *member = &world->officers->posts[i];
        if (world->officers->centres[i] == knowledge->view.centre && !member->is_torn) {
            check_all_told(world, knowledge, member);
        }
    }
}

void post_check_others(struct world *world, const struct node *node)
{
    struct officers *officers = world->officers;
    struct claim claim = {.node = node, .post = &officers->posts[node->index]};
    bool reads[1 + GROUPS_MAX];

    if (officers->story.count == 0) {
        return;
    }
    for (claim.member = 0; claim.member < world->plan.members; claim.member++) {
        for (claim.entry = 0; claim.entry < officers->story.count; claim.entry++) {
            check_claim(world, &claim);
        }
    }
    reads[0] = true;
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        reads[1 + i] = random_permille(&world->random, 700);
    }
    const uint32_t any = random_below(&world->random, (uint32_t)officers->story.count);
    const uint32_t member = random_below(&world->random, world->plan.members);
    struct knowledge knowledge = {.node = node,
                                  .post = claim.post,
                                  .view = {.centre = officers->centres[member],
                                           .written_ms = officers->facts[any].written_ms,
                                           .reads = reads,
                                           .groups_count = 1 + GROUPS_MAX}};
    check_view(world, &knowledge);
}
