#include "bind/options.h"

#include <getopt.h>

namespace reeve {

const char* const kUsage =
    "Usage: reeve-bind [--url URL] [--socket PATH] [--listen ADDRESS:PORT] [--name NAME]\n"
    "       [--certificate FILE --certificate-key FILE] [--proxy ADDRESS[/BITS]]...\n"
    "       [--operator NAME] [--logo FILE] [--contact TEXT]\n"
    "\n"
    "Walks a user's browser through sign-in and consent. See reeve-bind(8).\n"
    "\n"
    "  --url URL              where browsers reach it, https://agents.example.com; by default as\n"
    "                         the [binding.NAME] of reeved's configuration says\n"
    "  --socket PATH          reeved's bind.sock (/run/reeve/bind.sock)\n"
    "  --listen ADDRESS:PORT  where it listens, unless a socket is handed over (127.0.0.1:8420)\n"
    "  --name NAME            the [binding.NAME] of reeved's configuration (main)\n"
    "  --certificate FILE     speak TLS with it: PEM, with those that signed it behind\n"
    "  --certificate-key FILE its key: PEM. Both may name credentials of the unit\n"
    "  --proxy ADDRESS[/BITS] believe X-Forwarded-For of who connects from there, to count by;\n"
    "                         besides [binding.NAME] proxies. May be repeated\n"
    "  --operator NAME        whose service it is, on every page (Reeve)\n"
    "  --logo FILE            a PNG, JPEG, GIF or WebP picture of at most 128 KiB\n"
    "  --contact TEXT         whom to ask: a mail address, an https URL, or a few words\n"
    "  --help, --version\n";

namespace {

Result<void> add_proxy(std::string_view text, BindOptions& options) {
  const auto network = parse_network(text);
  if (!network) {
    return Error{Code::invalid,
                 "--proxy: expected an address or a network, such as 127.0.0.1 or 10.0.0.0/8"};
  }
  options.proxies.push_back(*network);
  return {};
}

}  // namespace

Result<BindOptions> read_options(int count, char** arguments) {
  static const option known[] = {{"url", required_argument, nullptr, 'u'},
                                 {"socket", required_argument, nullptr, 's'},
                                 {"certificate", required_argument, nullptr, 'C'},
                                 {"certificate-key", required_argument, nullptr, 'K'},
                                 {"proxy", required_argument, nullptr, 'p'},
                                 {"listen", required_argument, nullptr, 'l'},
                                 {"name", required_argument, nullptr, 'n'},
                                 {"operator", required_argument, nullptr, 'o'},
                                 {"logo", required_argument, nullptr, 'L'},
                                 {"contact", required_argument, nullptr, 'c'},
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
      case 'C': options.certificate = optarg; break;
      case 'K': options.certificate_key = optarg; break;
      case 'p': REEVE_CHECK(add_proxy(optarg, options)); break;
      case 'o': options.brand.operator_name = optarg; break;
      case 'L': options.logo = optarg; break;
      case 'c': options.brand.contact = optarg; break;
      case 'h': options.help = true; break;
      case 'V': options.version = true; break;
      default: return Error{Code::invalid, "an option that is not known, or has no value"};
    }
  }
  if (optind < count) return Error{Code::invalid, "there are options only"};
  if (options.certificate.empty() != options.certificate_key.empty()) {
    return Error{Code::invalid, "expected --certificate and --certificate-key, or neither"};
  }
  const Brand& brand = options.brand;
  REEVE_CHECK(check_brand_text("--operator", brand.operator_name));
  REEVE_CHECK(check_brand_text("--contact", brand.contact));
  return options;
}

}  // namespace reeve
