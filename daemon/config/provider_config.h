// ProviderConfig: one [provider.NAME] as plain values: its preset, and over it the operator's keys.
//
// What a provider does differently is data. A preset file (data/providers/NAME.toml) is one table
// with a closed schema; what each key means stands in oauth/preset.h, for which these values are
// meant. This layer is below that one: words that are chosen from a list stay words here. The
// operator's table takes the same keys (but `params` for `authorize`, and `account` may be its
// source alone), so whoever has no preset can write all of it in place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/client_config.h"

namespace reeve {

// "" where there is none.
struct EndpointsConfig {
  std::string authorization, token, userinfo, revocation, pushed_authorization, jwks;
};

struct ProviderShape {
  std::string display_name;  // the key `name`
  std::string issuer;        // exactly one of issuer and endpoints is there
  EndpointsConfig endpoints;
  std::vector<std::string> hosts;  // empty only with an issuer: then its metadata's hosts count
  bool iss_expected = false;
  char scope_separator = ' ';
  char granted_separator = ' ';
  std::string rotation = "strict";            // none, grace, strict
  std::string expires_absent = "on_401";      // never, on_401, assume
  int64_t assume_seconds = 0;                 // with assume
  std::string answer_at;                      // JSON pointer, "" for the whole answer
  std::string pkce_off;                       // "": PKCE is on
  std::map<std::string, std::string> params;  // the key `authorize`
  std::string offline_scope;                  // not subject to policy
  std::map<std::string, std::string> offline_params;
  std::string account_source;               // userinfo, id_token, none
  std::vector<std::string> account_scopes;  // not subject to policy
  std::string account_id = "/sub";          // JSON pointer
  std::vector<std::string> account_label{"/preferred_username", "/email", "/name"};
  std::map<std::string, std::string> scope_names;  // granted -> asked
  std::string revocation = "rfc7009";              // none, rfc7009, json_delete
  std::string revocation_url;                      // with json_delete; may hold {client_id}
};

// ask: the user confirms the account. subject: it is the user's where issuer and subject are equal.
// claim: where a claim of the user's sign-in and what the provider says of the account are equal.
enum class AccountMatch { ask, subject, claim };

// Its context (DESIGN section 1) is made of issuer, endpoints, client id and preset.
struct ProviderConfig {
  std::string name;    // the table's
  std::string preset;  // "" where none
  ProviderShape shape;
  ClientConfig client;
  std::vector<std::string> scopes;     // asked for where an agent names none
  std::vector<std::string> resources;  // RFC 8707: those that may be asked for
  AccountMatch account_match = AccountMatch::ask;
  std::string match_claim;    // with claim: of the user's ID token
  std::string match_account;  // JSON pointer into what is said of the account; "": that claim
  std::vector<std::string> account_domains;  // empty: any account may be connected
  std::string login_hint;                    // a claim of the user's ID token; "": none is sent
};

}  // namespace reeve
