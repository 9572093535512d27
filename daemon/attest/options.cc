#include "attest/options.h"

#include <getopt.h>

#include <charconv>

#include "base/account.h"

namespace reeve {
namespace {

constexpr option kOptions[] = {
    {"socket", required_argument, nullptr, 's'},  {"peer-uid", required_argument, nullptr, 'u'},
    {"engine", required_argument, nullptr, 'e'},  {"no-engines", no_argument, nullptr, 'n'},
    {"largest", required_argument, nullptr, 'l'}, {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, 'v'},       {nullptr, 0, nullptr, 0},
};

std::optional<uint64_t> number(const std::string& text, uint64_t most) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc() || read.ptr != end || value > most)
    return std::nullopt;
  return value;
}

// "podman=/run/podman/podman.sock"
bool add_engine(const std::string& text, AttesterOptions& options) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 >= text.size() ||
      text[equals + 1] != '/') {
    return false;
  }
  options.engines[text.substr(0, equals)] = text.substr(equals + 1);
  return true;
}

Result<void> take(int found, const std::string& value, AttesterOptions& options) {
  switch (found) {
    case 's': options.socket = value; break;
    case 'n': options.engines.clear(); break;
    case 'h': options.help = true; break;
    case 'v': options.version = true; break;
    case 'e':
      if (!add_engine(value, options))
        return Error{Code::invalid, "--engine: NAME=PATH is expected, the path absolute"};
      break;
    case 'u':
      options.peer_uid = user_id(value);
      if (!options.peer_uid) return Error{Code::invalid, "--peer-uid: " + no_user(value)};
      break;
    case 'l': {
      const auto mebibytes = number(value, 65536);
      if (!mebibytes || *mebibytes == 0)
        return Error{Code::invalid, "--largest: a number of MiB is expected, 1 to 65536"};
      options.largest = *mebibytes * 1024 * 1024;
      break;
    }
    default: return Error{Code::invalid, "see reeve-attest --help"};
  }
  return {};
}

}  // namespace

const char* const kAttesterUsage =
    "Usage: reeve-attest [--socket PATH] [--peer-uid USER] [--engine NAME=PATH]... [--largest "
    "MIB]\n"
    "Tells reeved what takes privileges to see of a caller. See reeve-attest(8).\n"
    "\n"
    "  --socket PATH       listen there; default: the socket that was passed in LISTEN_FDS\n"
    "  --peer-uid USER     the only user that may connect, reeved's: a name or number;\n"
    "                      default: the own one\n"
    "  --engine NAME=PATH  a container engine's socket (Docker API), owned by root; default:\n"
    "                      docker=/run/docker.sock, podman=/run/podman/podman.sock\n"
    "  --no-engines        forget the engines named so far, the default ones too\n"
    "  --largest MIB       no executable over this size is read; default 256\n"
    "  --help, --version\n";

Result<AttesterOptions> read_attester_options(int count, char** arguments) {
  AttesterOptions options;
  for (int found = 0; (found = ::getopt_long(count, arguments, "", kOptions, nullptr)) != -1;) {
    REEVE_CHECK(take(found, optarg == nullptr ? "" : optarg, options));
  }
  if (optind < count)
    return Error{Code::invalid, "no argument is expected; see reeve-attest --help"};
  return options;
}

}  // namespace reeve
