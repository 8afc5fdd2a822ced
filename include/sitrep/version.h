// SPDX-License-Identifier: EUPL-1.2
// The version of this software, of both programs. That of the protocol is in PROTOCOL.md.
#ifndef SITREP_VERSION_H
#define SITREP_VERSION_H

#define SITREP_VERSION "0.1.0"

#endif
