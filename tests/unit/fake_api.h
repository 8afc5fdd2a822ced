// SPDX-License-Identifier: EUPL-1.2
// The API on its socket in front of a fake desk, for tests that ask it over HTTP.
#ifndef TESTS_UNIT_FAKE_API_H
#define TESTS_UNIT_FAKE_API_H

#include <jansson.h>

#include "api/api.h"
#include "fake_desk.h"
#include "unix_http.h"

struct fixture {
    struct desk desk;
    struct api *api;
    char path[SCRATCH_PATH_MAX];
};

static inline int setup(void **state)
{
    char why[256];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fake_open(&fixture->desk);
    scratch_join(fixture->path, fixture->desk.path, "api.sock");
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_OK);
    *state = fixture;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    api_close(&fixture->api);
    fake_close(&fixture->desk);
    free(fixture);
    return 0;
}

#endif
