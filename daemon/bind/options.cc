#include "bind/options.h"

#include <getopt.h>

namespace reeve {

const char* const kUsage =
    "Usage: reeve-bind --url URL [--socket PATH] [--listen ADDRESS:PORT] [--name NAME]\n"
    "\n"
    "Walks a user's browser through sign-in and consent. See reeve-bind(8).\n"
    "\n"
    "  --url URL              where browsers reach it: https://agents.example.com\n"
    "  --socket PATH          reeved's bind.sock (/run/reeve/bind.sock)\n"
    "  --listen ADDRESS:PORT  where it listens, unless a socket is handed over (127.0.0.1:8420)\n"
    "  --name NAME            the [binding.NAME] of reeved's configuration (main)\n"
    "  --help, --version\n";

Result<BindOptions> read_options(int count, char** arguments) {
  static const option known[] = {{"url", required_argument, nullptr, 'u'},
                                 {"socket", required_argument, nullptr, 's'},
                                 {"listen", required_argument, nullptr, 'l'},
                                 {"name", required_argument, nullptr, 'n'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {"version", no_argument, nullptr, 'V'},
                                 {nullptr, 0, nullptr, 0}};
  BindOptions options;
  optind = 0;  // glibc: begin anew, for tests that call it twice
  opterr = 0;
  int letter = 0;
  while ((letter = ::getopt_long(count, arguments, "", known, nullptr)) != -1) {
    switch (letter) {
      case 'u': options.url = optarg; break;
      case 's': options.socket = optarg; break;
      case 'l': options.listen = optarg; break;
      case 'n': options.name = optarg; break;
      case 'h': options.help = true; break;
      case 'V': options.version = true; break;
      default: return Error{Code::invalid, "an option that is not known, or has no value"};
    }
  }
  if (optind < count) return Error{Code::invalid, "there are options only"};
  if (options.url.empty() && !options.help && !options.version) {
    return Error{Code::invalid, "--url is missing"};
  }
  return options;
}

}  // namespace reeve
