#include "fetch/options.h"

#include <getopt.h>

#include "base/account.h"

namespace reeve {
namespace {

constexpr option kOptions[] = {
    {"socket", required_argument, nullptr, 's'},
    {"peer-uid", required_argument, nullptr, 'u'},
    {"spool", required_argument, nullptr, 'd'},
    {"ca-file", required_argument, nullptr, 'c'},
    {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, 'v'},
    {nullptr, 0, nullptr, 0},
};

}  // namespace

const char* const kUsage =
    "Usage: reeve-fetch --spool DIR [--socket PATH] [--peer-uid USER] [--ca-file FILE]\n"
    "Carries out the HTTP requests that reeved hands it, within guards. See reeve-fetch(8).\n"
    "\n"
    "  --spool DIR      where sealed answers wait until they are acknowledged; mode 0700\n"
    "  --socket PATH    listen there; default: the socket that was passed in LISTEN_FDS\n"
    "  --peer-uid USER  the only user that may connect, a name or number; default: the own one\n"
    "  --ca-file FILE   trusted certificates (PEM) in place of the system's\n"
    "  --help, --version\n";

Result<Options> read_options(int count, char** arguments) {
  Options options;
  while (true) {
    const int found = ::getopt_long(count, arguments, "", kOptions, nullptr);
    if (found == -1) break;
    switch (found) {
      case 's': options.socket = optarg; break;
      case 'd': options.spool = optarg; break;
      case 'c': options.ca_file = optarg; break;
      case 'h': options.help = true; break;
      case 'v': options.version = true; break;
      case 'u':
        options.peer_uid = user_id(optarg);
        if (!options.peer_uid) return Error{Code::invalid, "--peer-uid: " + no_user(optarg)};
        break;
      default: return Error{Code::invalid, "see reeve-fetch --help"};
    }
  }
  if (optind < count)
    return Error{Code::invalid, "no argument is expected; see reeve-fetch --help"};
  if (options.spool.empty() && !options.help && !options.version) {
    return Error{Code::invalid, "--spool is missing; see reeve-fetch --help"};
  }
  return options;
}

}  // namespace reeve
