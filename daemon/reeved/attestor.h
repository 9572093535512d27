// Attestor: asks reeve-attest, over attest.sock, what reeved itself may not see of a caller.
//
// reeved lives without it: an answer that does not come in time, or is no proper one, is no
// evidence, and then no rule that names such evidence matches. After a failure it is left alone for
// a moment, so that a hanging one delays few. What it said of a container is kept, for it does not
// change while the container runs; one that is started again is another (its control group is).
#pragma once

#include <map>
#include <string>

#include "async/task.h"
#include "base/clock.h"
#include "base/json.h"
#include "peer/peer.h"

namespace reeve {

class Attestor final {
 public:
  struct Place {
    std::string socket;
    bool enabled = false;    // [daemon] attest
    bool same_user = false;  // development: it may be ours, not root's
  };
  Attestor(Loop& loop, const Clock& clock) : loop_(loop), clock_(clock) {}

  void set_place(Place place) { place_ = std::move(place); }
  bool enabled() const { return place_.enabled; }

  // `pidfd` is the peer's, and the caller's to keep meanwhile.
  Task<Attestation> ask(Peer peer, int pidfd, AttestationWanted wanted);

  // Asks about this process, to see whether it answers; returns what is wrong, or nothing.
  Task<std::string> examine();

  // What went wrong last, for Status; empty: nothing, or nothing was asked yet and it is there.
  std::string trouble() const;

 private:
  // What is kept, where the container is all that is wanted of this peer; null: it must be asked.
  const Attestation* kept(const Peer& peer, const AttestationWanted& wanted) const;
  void keep(const Peer& peer, const AttestationWanted& wanted, const Attestation& attested);
  Task<Result<Json>> call(std::string parameters, int pidfd);
  void failed(std::string text);

  Loop& loop_;
  const Clock& clock_;
  Place place_;
  std::map<std::string, Attestation> kept_;  // by Peer::container_scope
  std::string trouble_;
  int64_t silent_until_ = 0;  // boot milliseconds
};

// The parameters of Evidence, as JSON.
std::string attest_parameters(const Peer& peer, const AttestationWanted& wanted);
// Takes out of an answer what was asked for and is well-formed.
Attestation read_attestation(const Json& answer, const AttestationWanted& wanted);

}  // namespace reeve
