// The verbs of reeve(1). Each prints its result and returns the exit status, or throws Failure.
#pragma once

#include "cli/options.h"

namespace reeve::cli {

// Through the agents' door.
int whoami(const Options& options);
int token(const Options& options);
int sign_in(const Options& options);
int header(const Options& options);
int watch(const Options& options);
int exec(const Options& options);
int git_credential(const Options& options);
int docker_credential(const Options& options);
int aws_credential(const Options& options);
int kubectl_credential(const Options& options);

// Through the operator's.
int status(const Options& options);
int sessions(const Options& options);
int grants(const Options& options);
int kill(const Options& options);
int revoke(const Options& options);
int explain(const Options& options);
int reload(const Options& options);
int events(const Options& options);
int rotate(const Options& options);
int backup(const Options& options);
int metrics(const Options& options);

// Of the files, and the operator's door where the daemon runs.
int audit_verify(const Options& options);
int audit_tail(const Options& options);
int audit_show(const Options& options);
int audit_key(const Options& options);

int doctor(const Options& options);

// Write the configuration; the daemon takes it if it runs.
int setup_key(const Options& options);
int setup_issuer(const Options& options);
int setup_provider(const Options& options);
int setup_user(const Options& options);

// Without a daemon.
int check(const Options& options);
int restore(const Options& options);

}  // namespace reeve::cli
