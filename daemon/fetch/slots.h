// Slots: how many requests may be on their way at once. Each holds a Slot until it has ended.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

namespace reeve {

class Slots final {
 public:
  // Gives its place back when it dies; the Slots must outlive it.
  class Slot {
   public:
    explicit Slot(size_t& taken) : taken_(&taken) { ++taken; }
    Slot(Slot&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (taken_ != nullptr) --*taken_;
    }

   private:
    size_t* taken_;
  };

  explicit Slots(size_t count) : count_(count) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // nullopt: all are taken.
  std::optional<Slot> take() {
    if (taken_ >= count_) return std::nullopt;
    return std::optional<Slot>(std::in_place, taken_);
  }

 private:
  size_t count_;
  size_t taken_ = 0;
};

}  // namespace reeve
