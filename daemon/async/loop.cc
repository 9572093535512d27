#include "async/loop.h"

#include <uv.h>

#include <cassert>
#include <cstdlib>
#include <utility>

namespace reeve {

void ReadyNode::unlink() {
  if (!linked()) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  next_ = previous_ = nullptr;
}

Loop::Loop() : uv_(new uv_loop_t) {
  // A later libuv would make a ring of io_uring here, which our own filter (base/sandbox.h) then
  // forbids it to use, whoever started us.
  ::setenv("UV_USE_IO_URING", "0", 1);
  [[maybe_unused]] const int status = uv_loop_init(uv_);
  assert(status == 0);
  list_.next_ = list_.previous_ = &list_;
}

Loop::~Loop() {
  // Handles close themselves and queued work finishes: let their last callbacks come.
  while (uv_loop_close(uv_) == UV_EBUSY) uv_run(uv_, UV_RUN_ONCE);
  delete uv_;
  list_.next_ = list_.previous_ = nullptr;
}

void Loop::run() {
  drain();
  uv_run(uv_, UV_RUN_DEFAULT);
}

void Loop::stop() { uv_stop(uv_); }

void Loop::turn() {
  drain();
  uv_run(uv_, UV_RUN_NOWAIT);
}

void Loop::ready(ReadyNode& node) {
  if (node.linked()) return;
  node.previous_ = list_.previous_;
  node.next_ = &list_;
  list_.previous_->next_ = &node;
  list_.previous_ = &node;
}

// A frame cannot be destroyed from within its own last suspension; this is the next moment.
void Loop::destroy_finished() {
  while (!finished_.empty()) {
    const auto handle = finished_.back();
    finished_.pop_back();
    handle.destroy();
  }
}

void Loop::drain() {
  if (draining_) return;
  draining_ = true;
  while (list_.next_ != &list_) {
    ReadyNode* node = list_.next_;
    node->unlink();
    node->handle_.resume();
    destroy_finished();
  }
  draining_ = false;
}

}  // namespace reeve
