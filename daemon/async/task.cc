#include "async/task.h"

namespace reeve {

void TaskSet::spawn(Task<void> task) {
  if (!task) return;
  PromiseCore& promise = std::exchange(task.handle_, nullptr).promise();
  promise.loop_ = &loop_;
  promise.set_ = this;
  promise.next_in_set_ = first_;
  if (first_ != nullptr) first_->previous_in_set_ = &promise;
  first_ = &promise;
  ++size_;
  loop_.ready(promise);
}

void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept {
  if (promise.previous_in_set_ != nullptr)
    promise.previous_in_set_->next_in_set_ = promise.next_in_set_;
  else set.first_ = promise.next_in_set_;
  if (promise.next_in_set_ != nullptr)
    promise.next_in_set_->previous_in_set_ = promise.previous_in_set_;
  --set.size_;
  set.loop_.finished_.push_back(promise.handle_);
}

TaskSet::~TaskSet() {
  while (first_ != nullptr) {
    PromiseCore* promise = first_;
    first_ = promise->next_in_set_;
    if (first_ != nullptr) first_->previous_in_set_ = nullptr;
    promise->handle_.destroy();
  }
}

}  // namespace reeve
