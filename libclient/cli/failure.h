// Failure: why a verb ended without its result: the exit status, a text for people that says what
// to do, and where the daemon said no its error as it came (for --json). Thrown by whoever notices,
// told once by main. No text holds a token, a session handle or bytes of an answer.
#pragma once

#include <exception>
#include <string>

#include "cli/json.h"
#include "reeve.h"

namespace reeve::cli {

// What reeve(1) documents.
enum Exit { kOk = 0, kFailed = 1, kUsage = 2, kConsentRequired = 3, kDenied = 4 };

struct Failure final : std::exception {
  Failure(Exit exit_status, std::string message) : status(exit_status), text(std::move(message)) {}
  const char* what() const noexcept override { return text.c_str(); }

  Exit status;
  std::string text;
  std::string error;            // the daemon's, a full name; or empty
  Value parameters;             // of that error
  reeve_error code = REEVE_OK;  // libreeve's, where it was that
  bool told = false;            // all has been said already
};

// From libreeve: no answer came. `path`: of the socket; `admin`: it is the operator's.
Failure transport_failure(reeve_error code, const std::string& path, bool admin);

// From an error that the daemon answered with.
Failure daemon_failure(const std::string& error, const Value& parameters);

// The answer lacks what its interface promises.
Failure misfit(const std::string& field);

// Tells it on stderr: as a line for people, or as one JSON object.
void tell(const Failure& failure, bool json);

}  // namespace reeve::cli
