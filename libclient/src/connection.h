// The connection of reeve.h: one call at a time, and where it stands.
//
// It is idle, or carries one call, or a stream of replies, or is over. It is over as soon as it may
// be out of step: after any failure but the timeout of a stream's next reply. begin() and step()
// never wait; the calls that wait are those two and a poll between.
#pragma once

#include <sys/types.h>

#include <atomic>

#include "src/bytes.h"
#include "src/frame.h"
#include "src/memory.h"
#include "src/reply.h"
#include "src/stream.h"

struct reeve_connection final {
 public:
  using Deadline = reeve::client::Deadline;
  using Error = reeve_error;

  reeve_connection();
  Error open(const char* path, const Deadline& deadline);
  Error open_again(const Deadline& deadline);

  // Begins a call; nothing has been sent when it fails.
  Error begin(const char* method, std::string_view parameters, bool more);
  // A reply, or REEVE_AGAIN.
  Error step(reeve::client::Owned<reeve_reply>& reply);
  // Sends the call whole, or waits for a reply.
  Error finish_sending(const Deadline& deadline);
  Error wait_for(const Deadline& deadline, reeve::client::Owned<reeve_reply>& reply);
  // Gives the call up: a late answer would be taken for another's.
  Error give_up(Error error);

  int fd() const { return stream_.fd(); }
  bool unsent() const { return stream_.unsent(); }
  // Of the call that was made: its stream goes on.
  bool streaming() const { return state_ == State::streaming; }

  reeve::client::Owned<reeve_reply> last;

 private:
  enum class State { idle, calling, streaming, over };
  Error take(reeve::client::Owned<reeve_reply>& reply);

  pid_t pid_;
  State state_ = State::idle;
  bool used_ = false;  // a call has been sent
  bool deaf_ = false;  // the other side took no more, but may have said why
  reeve::client::Bytes path_;
  reeve::client::Stream stream_;
  std::atomic<bool> in_use_ = false;

 public:
  // A thread's stay in a connection: refused in a child of fork and while another thread is there.
  class Stay final {
   public:
    explicit Stay(reeve_connection* connection);
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay();
    Error refused() const { return refused_; }

   private:
    reeve_connection* connection_;
    Error refused_ = REEVE_OK;
  };
};
