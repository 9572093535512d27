// reeve: the command line of Reeve, for agents' scripts and for the operator. See reeve(1).
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/terminal.h"

int main(int argc, char** argv) {
  using namespace reeve::cli;
  Options options;
  if (const auto ended = read_options(argc, argv, options)) return *ended;
  try {
    return options.verb(options);
  } catch (const Failure& failure) {
    if (!failure.told) tell(failure, options.json);
    return failure.status;
  } catch (const std::exception& error) {
    complain("reeve: " + plain(error.what()));
    return kFailed;
  }
}
