// Preset: what one provider does differently, as data. A closed schema: whoever reads
// data/providers/NAME.toml refuses every key that is not listed here. No expressions, no code.
//
//   name = "GitHub"                   for people
//   docs = "https://..."              where its rules are written
//   checked = "2026-11-20"            the day the facts commented as checked were read there
//   issuer = "https://..."            discovery decides everything of [endpoints] then; never both
//   hosts = ["github.com"]            every host a code, token or secret may be sent to
//   ("*.x.com");
//                                     none: those of the operator's own URLs and their metadata
//   iss_expected = false              the callback carries "iss" (RFC 9207), where no metadata says
//   so client_auth = "basic"             basic | post | none; absent: as the metadata says
//   raw_basic = false                 the server does not form-decode Basic credentials
//   scope_separator = " "             between scopes in requests: " " or ","
//   granted_separator = " "           the same in answers
//   rotation = "strict"               none | grace | strict: what becomes of a used refresh token
//   expires_absent = "on_401"         never | on_401 | assume: an answer without expires_in
//   assume_seconds = 7200             for "assume"
//   answer_at = "/authed_user"        JSON pointer of the object with the tokens; default the whole
//   pkce_off = "reason"               only where the server refuses PKCE; a written reason
//   [endpoints]  authorization, token, userinfo, revocation, pushed_authorization, jwks
//   [authorize]  NAME = "value"       further parameters of the authorization request
//   [offline]    scope = "offline_access"; params = { access_type = "offline" }
//   [account]    source = "userinfo"  userinfo | id_token | none: whose account it is
//                scopes = ["openid"]  asked for always, to be able to know it
//                id = "/sub"          JSON pointer; label = ["/name"]: the first that is there
//   [scope_names]  "granted name" = "asked name": scopes that the provider renames
//   [revocation] kind = "rfc7009"     none | rfc7009 | json_delete
//                url = "https://..."  json_delete only; {client_id} is put in
//
// Absent keys have the defaults below, which are those of a plain OAuth 2 server.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/result.h"

namespace reeve {

enum class ClientAuth { basic, post, none };  // RFC 6749 section 2.3.1; none: a public client

// What becomes of a refresh token that was used (RFC 9700 section 4.14.2).
enum class Rotation {
  none,    // it stays good: a refresh may be repeated
  grace,   // a new one comes, the old one lives on for a while: may be repeated
  strict,  // a new one comes and the old one kills the grant: never repeated blindly
};

enum class ExpiresAbsent { never, on_401, assume };

enum class AccountSource { userinfo, id_token, none };

struct AccountRules {
  AccountSource source = AccountSource::none;
  std::vector<std::string> scopes;
  std::string id = "/sub";
  std::vector<std::string> label = {"/preferred_username", "/email", "/name"};
  std::string match;  // JSON pointer: what account_match compares; the operator's alone
};

enum class RevocationKind {
  none,
  rfc7009,
  json_delete,  // DELETE url with Basic and {"access_token": ...}: GitHub
};

struct Endpoints {
  std::string authorization, token, userinfo, revocation, pushed_authorization, jwks;
};

struct Preset {
  std::string name, docs, checked;
  std::string issuer;
  Endpoints endpoints;
  std::vector<std::string> hosts;
  bool iss_expected = false;
  std::optional<ClientAuth> client_auth;
  bool raw_basic = false;
  char scope_separator = ' ';
  char granted_separator = ' ';
  Rotation rotation = Rotation::strict;
  ExpiresAbsent expires_absent = ExpiresAbsent::on_401;
  int64_t assume_seconds = 0;
  std::string answer_at;
  std::string pkce_off;
  Parameters authorize;
  std::string offline_scope;
  Parameters offline_params;
  AccountRules account;
  std::map<std::string, std::string> scope_names;
  RevocationKind revocation = RevocationKind::rfc7009;
  std::string revocation_url;
};

// What can be said against a preset (the provider's file with the operator's words put in): both
// issuer and endpoints, half of them, a URL that is not https or whose host is not listed, one of
// the protocol's own parameters among further ones, PKCE off without a reason, a broken pointer.
// `loopback_http`: as configured for this provider.
Result<void> check_preset(const Preset& preset, bool loopback_http);

// True for the parameters of the protocol itself, which neither preset nor agent may set.
bool reserved_parameter(std::string_view name);

}  // namespace reeve
