// Kinds of arguments that several verbs take, for CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/options.h"

namespace reeve::cli {

// An empty value would be taken for none by the daemon, and so widen what is asked.
inline std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : "";
}

// A verb and the function that it runs.
inline CLI::App* add_verb(CLI::App& app, Options& options, const char* name, const char* what,
                          int (*function)(const Options&)) {
  CLI::App* added = app.add_subcommand(name, what);
  added->callback([&options, function] { options.verb = function; });
  return added;
}

template <class T>
CLI::Option* text(CLI::App* app, const char* name, T& into, const char* what) {
  return app->add_option(name, into, what)->check(not_empty)->type_name("NAME");
}

inline CLI::Option* repeated(CLI::App* app, const char* name, std::vector<std::string>& into,
                             const char* what) {
  return app->add_option(name, into, what)->allow_extra_args(false)->check(not_empty);
}

inline CLI::Option* user(CLI::App* app, const char* name, std::vector<std::string>& into,
                         const char* what) {
  return app->add_option(name, into, what)
      ->expected(2)
      ->allow_extra_args(false)  // what follows may be the verb's own word
      ->check(not_empty)
      ->type_name("ISSUER SUBJECT");
}

// What token to ask for, and for whom.
void add_token_options(CLI::App* app, TokenOptions& token);
void add_identity(CLI::App* app, Identity& identity);
void add_provider(CLI::App* app, TokenOptions& token);  // as the verb's first word

}  // namespace reeve::cli
