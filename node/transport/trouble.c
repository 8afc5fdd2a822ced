// SPDX-License-Identifier: EUPL-1.2
// Why there is no connection, in words for people.
#include "transport/transport.h"

const char *link_trouble_text(enum link_trouble trouble)
{
    switch (trouble) {
    case LINK_NO_TROUBLE:
        return "";
    case LINK_PROXY_UNKNOWN:
        return "the name of the SOCKS proxy cannot be resolved";
    case LINK_PROXY_UNREACHABLE:
        return "the SOCKS proxy cannot be reached";
    case LINK_PROXY_SILENT:
        return "the SOCKS proxy gives no answer";
    case LINK_PROXY_HANGS_UP:
        return "the SOCKS proxy hangs up";
    case LINK_PROXY_FOREIGN:
        return "what is there as SOCKS proxy does not speak SOCKS5";
    case LINK_PROXY_WANTS_LOGIN:
        return "the SOCKS proxy wants a login: set transport/socks_login in node.conf";
    case LINK_PROXY_LOGIN_REFUSED:
        return "the SOCKS proxy refuses the login in the file of transport/socks_login";
    case LINK_PROXY_FORBIDS:
        return "the rules of the SOCKS proxy forbid this endpoint";
    case LINK_PROXY_NO_WAY:
        return "the SOCKS proxy cannot reach this endpoint";
    case LINK_PROXY_CANNOT:
        return "the SOCKS proxy knows no endpoints of this kind";
    }
    return "";
}

bool link_trouble_is_of_proxy(enum link_trouble trouble)
{
    return trouble != LINK_NO_TROUBLE && trouble != LINK_PROXY_FORBIDS &&
           trouble != LINK_PROXY_NO_WAY && trouble != LINK_PROXY_CANNOT;
}
