// SPDX-License-Identifier: EUPL-1.2
// TCP_INFO of a descriptor that belongs to libzmq, and some of its options. Decides nothing by it.
#include "transport/meter.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "transport/socket.h"

// Not netinet/tcp.h, whose structure ends before the bytes.
#include <linux/sockios.h>
#include <linux/tcp.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20, TIMESTAMPS = 12 };

// As long as a socket lives its number is its own, and no other one ever gets it. 0: there is no
// socket, or the system is too old.
static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

void meter_learn(struct meter *meter, int fd)
{
    *meter = (struct meter){.fd = fd, .cookie = cookie_of(fd)};
}

void meter_forget(struct meter *meter)
{
    *meter = (struct meter){.fd = -1};
}

// Intervals that double would leave a line unused for half a minute after it was away for half a
// minute, and a brisk socket's keepalives are more bytes than all beacons. Where the system does
// not know an option, things stay as they are.
void meter_make_patient(const struct meter *meter)
{
    const struct patience *patience = socket_patience(true);
    const struct {
        int name, value;
    } options[] = {
        {TCP_THIN_LINEAR_TIMEOUTS, 1},    {TCP_USER_TIMEOUT, patience->unacknowledged_ms},
        {TCP_KEEPIDLE, patience->idle_s}, {TCP_KEEPINTVL, patience->interval_s},
        {TCP_KEEPCNT, patience->probes},
    };
    if (meter->cookie == 0 || cookie_of(meter->fd) != meter->cookie) {
        return;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        (void)setsockopt(meter->fd, IPPROTO_TCP, options[i].name, &options[i].value,
                         sizeof options[i].value);
    }
}

// What IP and TCP add to a segment.
static uint64_t header_len(int fd, const struct tcp_info *info)
{
    struct sockaddr_in6 address = {0};
    socklen_t len = sizeof address;
    const bool is_ipv6 = getpeername(fd, (struct sockaddr *)&address, &len) == 0 &&
                         address.sin6_family == AF_INET6 &&
                         !IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
    return (uint64_t)(is_ipv6 ? IPV6_HEADER : IPV4_HEADER) + TCP_HEADER +
           ((info->tcpi_options & TCPI_OPT_TIMESTAMPS) != 0 ? TIMESTAMPS : 0);
}

static uint64_t less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

// What is sent and not known to have arrived. The kernel counts the handshake as a byte
// acknowledged; and segments, not bytes, that came behind one that is missing.
static uint64_t bytes_under_way(const struct tcp_info *info)
{
    const uint64_t bytes =
        less(info->tcpi_bytes_sent, info->tcpi_bytes_retrans + info->tcpi_bytes_acked);
    return info->tcpi_unacked == 0
               ? bytes
               : bytes * less(info->tcpi_unacked, info->tcpi_sacked) / info->tcpi_unacked;
}

enum err meter_read(const struct meter *meter, struct transport_measured *measured)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (meter->cookie == 0 || getsockopt(meter->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_dsack_dups)) {
        return ERR_NOT_FOUND;
    }
    const uint64_t header = header_len(meter->fd, &info);
    // Asked last: what was read before it is of that socket, or it would be gone now.
    if (cookie_of(meter->fd) != meter->cookie) {
        return ERR_NOT_FOUND;
    }
    *measured = (struct transport_measured){
        .connection = meter->cookie,
        .rtt_ms = info.tcpi_rtt / 1000,
        .rtt_min_ms = info.tcpi_min_rtt / 1000,
        .sent = info.tcpi_bytes_sent,
        .resent = info.tcpi_bytes_retrans,
        .unsent = info.tcpi_notsent_bytes,
        .under_way = bytes_under_way(&info),
        .timeouts = info.tcpi_retransmits,
        .line_out = info.tcpi_bytes_sent + header * info.tcpi_segs_out,
        .line_resent = info.tcpi_bytes_retrans + header * info.tcpi_total_retrans,
        .line_in = info.tcpi_bytes_received + header * info.tcpi_segs_in,
    };
    return ERR_OK;
}

uint64_t meter_unsent(const struct meter *meter)
{
    int bytes = 0;
    if (meter->cookie == 0 ||
        (ioctl(meter->fd, SIOCOUTQNSD, &bytes) != 0 && ioctl(meter->fd, SIOCOUTQ, &bytes) != 0) ||
        cookie_of(meter->fd) != meter->cookie) {
        return 0;
    }
    return bytes > 0 ? (uint64_t)bytes : 0;
}
