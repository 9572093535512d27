// Loop: the one thread on which everything but long work runs. It resumes coroutines and calls
// libuv.
//
// Only the loop resumes a coroutine, from its ready list; nothing is ever resumed inline from
// another coroutine or from a library's callback. So the stack stays flat, and whoever makes a task
// ready may go on using its own state. This folder is the only one that includes <uv.h>.
#pragma once

#include <coroutine>
#include <cstdint>
#include <vector>

struct uv_loop_s;

namespace reeve {

class Loop;
class PromiseCore;
class TaskSet;

// A coroutine that may be made ready. Leaves the ready list by itself when its frame dies.
class ReadyNode {
 public:
  ReadyNode() = default;
  ReadyNode(const ReadyNode&) = delete;
  ReadyNode& operator=(const ReadyNode&) = delete;
  ~ReadyNode() { unlink(); }

 private:
  friend class Loop;
  template <class>
  friend class PromiseBase;
  friend class TaskSet;
  friend void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept;
  void unlink();
  bool linked() const { return next_ != nullptr; }

  ReadyNode* next_ = nullptr;
  ReadyNode* previous_ = nullptr;
  std::coroutine_handle<> handle_;
};

class Loop final {
 public:
  Loop();
  ~Loop();  // every handle, task set and queued work must be gone or finishing by themselves
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). May be called again.
  void run();
  void stop();
  // One turn without blocking; for tests that poll for "not yet".
  void turn();

  // Puts a suspended coroutine at the end of the ready list.
  void ready(ReadyNode& node);
  // Resumes what is ready until nothing is. Called by the wrappers of this folder after each
  // library callback.
  void drain();

  // For the wrappers of this folder only.
  uv_loop_s* raw() { return uv_; }

 private:
  friend void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept;
  void destroy_finished();

  uv_loop_s* uv_;
  ReadyNode list_;  // circular: list_.next_ is the first
  std::vector<std::coroutine_handle<>>
      finished_;  // background tasks whose frames wait to be destroyed
  bool draining_ = false;
};

}  // namespace reeve
