// Options of the command line of reeve-bind(8).
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "bind/brand.h"

namespace reeve {

struct BindOptions {
  std::string name = "main";
  std::string url;
  std::string socket = "/run/reeve/bind.sock";
  std::string listen = "127.0.0.1:8420";
  std::string certificate;  // a file or credential, as the next: TLS; empty: plain HTTP
  std::string certificate_key;
  std::vector<IpNetwork> proxies;  // besides those that reeved's configuration names
  std::string logo;                // a file
  Brand brand;                     // but for its logo
  bool help = false;
  bool version = false;
};

Result<BindOptions> read_options(int count, char** arguments);
extern const char* const kUsage;

}  // namespace reeve
